import type { ConservationResult, HopResult, Verdict } from '../../reports/result.ts';

const FAULTS = [
  ['lost', 'lost'],
  ['duplicated', 'counted twice'],
  ['corrupted', 'altered'],
  ['spurious', 'made up'],
  ['misrouted', 'in the wrong partition'],
  ['outOfOrder', 'out of order'],
] as const;

/**
 * Turns counts into a verdict, with a sentence for each reason why it is not `pass`. Too little traffic proves nothing, nor does a
 * hop that could not be read: `unknown`, never `pass`.
 */
export function judge(
  hops: readonly HopResult[],
  conservation: readonly ConservationResult[],
  profiles: { readonly wrong: number; readonly unseen: number },
  acknowledgedEvents: number,
): { verdict: Verdict; reasons: string[] } {
  const reasons: string[] = [];
  for (const hop of hops) {
    if (!hop.read) continue;
    for (const [name, words] of FAULTS) {
      if (hop[name] > 0) reasons.push(`${hop.hop}: ${hop[name]} ${hop.unit} ${words}`);
    }
  }
  for (const { name, holds } of conservation) if (!holds) reasons.push(`the equation does not hold: ${name}`);
  if (profiles.wrong > 0)
    reasons.push(`${profiles.wrong} profiles are not the fold of their visitor's events`);
  if (reasons.length > 0) return { verdict: 'fail', reasons };
  for (const { hop, read, unreadable } of hops) {
    if (!read) reasons.push(unreadable ?? `${hop} could not be read`);
  }
  if (profiles.unseen > 0) reasons.push(`${profiles.unseen} profiles could not be seen`);
  if (acknowledgedEvents === 0) reasons.push('no event was acknowledged, so nothing is proven');
  return { verdict: reasons.length > 0 ? 'unknown' : 'pass', reasons };
}
