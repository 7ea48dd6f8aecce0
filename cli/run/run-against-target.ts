import { join } from 'node:path';
import { openLedger } from '../../simulator/ledger/index.ts';
import { send } from '../../simulator/transport/index.ts';
import { workBegins } from '../begun.ts';
import { Interrupt } from '../interrupt.ts';
import { UsageError } from '../usage-error.ts';
import { collectorOrigin } from './collector-origin.ts';
import { requireOwned } from './owned.ts';
import { paintFor } from './paint.ts';
import type { RunEnd, StackRun } from './run-on-stack.ts';

/**
 * Where the traffic goes.
 *
 * @throws UsageError for what is no collector's address, or is not this machine and was not declared one's own
 */
export function targetOrigin(target: string, owned: boolean): string {
  const url = URL.parse(target);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--target: not an http(s) URL: ${target}`, 'give it as http://127.0.0.1:8080');
  }
  const origin = collectorOrigin(url, '--target');
  requireOwned(url.host, owned);
  return origin;
}

/**
 * Sends the traffic to somebody else's collector and keeps the ledger; what lies behind it cannot be read from here.
 *
 * @returns how it ended; the exit code is 0 where every request was answered, and some were acknowledged
 */
export async function runAgainstTarget(
  run: Pick<StackRun, 'traffic' | 'out' | 'json'>,
  origin: string,
): Promise<RunEnd> {
  const { traffic } = run;
  const began = Date.now();
  const ledger = openLedger(join(run.out, 'ledger'), {
    schema: 1,
    mark: traffic.mark,
    seed: traffic.seed,
    began,
    target: origin,
    settings: traffic.settings,
  });
  using interrupt = new Interrupt(
    () => console.error('stops sending; Ctrl-C once more to stop at once'),
    undefined,
    () => `ledger  ${ledger.directory}`,
  );
  try {
    workBegins();
    const result = await (traffic.send ?? send)(traffic.plan, {
      target: origin,
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
        JSON.stringify({ target: origin, mark: traffic.mark, ...answers, ledger: ledger.directory }),
      );
    else {
      console.log(
        `${acknowledged} requests acknowledged, ${refused - unreachable} refused, ${unknown} without an answer`,
      );
      console.log(
        paint.dim(
          `not checked: what became of them behind the collector; ${traffic.mark === '' ? 'the events are as recorded' : `every event carries ${traffic.mark} as its tracker namespace`}`,
        ),
      );
      console.log(`ledger  ${ledger.directory}`);
      if (acknowledged === 0 && unreachable < sent) {
        const answers = Object.entries(statuses).map(([status, times]) => `${status}: ${times}`);
        console.log(
          paint.bad(`FAIL  no request was acknowledged (${answers.join(', ')}); is ${origin} a collector?`),
        );
      }
      if (unreachable > 0)
        console.log(paint.bad(`${unreachable} requests found nobody at ${origin}; is the collector up?`));
    }
    const code = unknown + unreachable === 0 && acknowledged > 0 ? 0 : 1;
    return { code, interrupted: interrupt.signal.aborted };
  } finally {
    ledger.close();
  }
}
