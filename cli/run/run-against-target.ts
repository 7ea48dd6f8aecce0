import { join, resolve } from 'node:path';
import { openLedger } from '../../simulator/ledger/index.ts';
import { send } from '../../simulator/transport/index.ts';
import { UsageError } from '../settings/resolve.ts';
import { Interrupt } from './interrupt.ts';
import { paintFor } from './paint.ts';
import type { EmbeddedRun } from './run-embedded.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Sends the traffic to somebody else's collector and keeps the ledger; what lies behind it cannot be read from here.
 *
 * @returns the exit code: 0 where every request was answered as it should be
 */
export async function runAgainstTarget(
  run: Pick<EmbeddedRun, 'traffic' | 'out' | 'json'>,
  target: string,
  owned: boolean,
): Promise<number> {
  const url = URL.parse(target);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--target: not an http(s) URL: ${target}`);
  if (!LOOPBACK.test(url.hostname) && !owned) {
    throw new UsageError(
      `${url.host} is not this machine`,
      'only send load to what is yours; if it is, say so with --i-own-this-target',
    );
  }
  const { traffic } = run;
  const out = resolve(run.out);
  const began = Date.now();
  const ledger = openLedger(join(out, 'ledger'), {
    schema: 1,
    mark: traffic.mark,
    seed: traffic.seed,
    began,
    target: url.origin,
    settings: traffic.settings,
  });
  using interrupt = new Interrupt({
    first: () => console.error('stops sending; Ctrl-C once more to stop at once'),
    second: () => {},
  });
  try {
    const result = await send(traffic.plan, {
      target: url.origin,
      speed: traffic.speed,
      began,
      ledger,
      signal: interrupt.signal,
      onProgress: ({ sent, events, elapsed, inFlight }) => {
        if (!run.json)
          console.error(
            `${(elapsed / 1000).toFixed(0)} s  ${events} events in ${sent} requests, ${inFlight} under way`,
          );
      },
    });
    const { sent, events, acknowledged, refused, unknown, unreachable, statuses } = result;
    const answers = { sent, events, acknowledged, refused, unknown, unreachable, statuses };
    const paint = paintFor(process.stdout);
    if (run.json)
      console.log(
        JSON.stringify({ target: url.origin, mark: traffic.mark, ...answers, ledger: ledger.directory }),
      );
    else {
      console.log(`${acknowledged} requests acknowledged, ${refused} refused, ${unknown} without an answer`);
      console.log(
        paint.dim(
          `not checked: what became of them behind the collector; every event carries ${traffic.mark} as its tracker namespace`,
        ),
      );
      console.log(`ledger  ${ledger.directory}`);
      if (unreachable > 0)
        console.log(paint.bad(`${unreachable} requests found nobody at ${url.origin}; is the collector up?`));
    }
    return unknown + unreachable === 0 && sent > 0 ? 0 : 1;
  } finally {
    ledger.close();
  }
}
