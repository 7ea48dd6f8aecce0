import type { HopResult } from '../../reports/result.ts';
import { judge } from '../checkers/judge.ts';
import type { Proof } from '../runs/prover.ts';
import { type Patience, untilStill } from '../runs/until-still.ts';
import { checkDeclared, type DeclaredCheckOptions } from './check-declared.ts';

/**
 * Looks at the hops until what was sent stands still there, and says what became of it. Other people's pipelines do not tell how far they
 * are: that nothing moves any more is all that there is to go by.
 *
 * @throws ClickproofError HOP_UNREADABLE, LEDGER_UNREADABLE
 */
export async function proveDeclared(
  options: DeclaredCheckOptions & Patience & { readonly onLook?: (hops: readonly HopResult[]) => void },
): Promise<Proof> {
  const look = async () => {
    const check = await checkDeclared(options);
    options.onLook?.(check.hops);
    return check;
  };
  const seen = options.readers.length === 0 ? await look() : await untilStill(look, options);
  const { hops, findings, acknowledged, unstated } = seen;
  const { verdict, reasons } = judge(hops, [], { wrong: 0, unseen: 0 }, acknowledged);
  const doubts = [
    ...(hops.length === 0 ? ['no hop is declared, so that only the answers were seen'] : []),
    ...unstated.map((name) => `no event states ${name}, so nothing is proven of it`),
  ];
  return {
    verdict: verdict === 'pass' && doubts.length > 0 ? 'unknown' : verdict,
    reasons: [...reasons, ...doubts],
    ...{ hops, findings, conservation: [], profiles: undefined },
  };
}
