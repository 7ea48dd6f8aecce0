import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import type { PlannedRequest } from '../simulator/plan/request.ts';
import type { SendOptions, SendResult } from '../simulator/transport/index.ts';
import { corpus } from './corpus.ts';
import { K6Process } from './k6-process.ts';
import { parseResult } from './results.ts';
import type { Scenario } from './scenarios.ts';
import { Tally } from './tally.ts';

export interface K6Options {
  /** The program. */
  readonly k6: string;
  readonly scenario: Scenario;
  /** Most requests under way: virtual users, all made beforehand. What is due when all are busy is not sent. */
  readonly users: number;
  /** Over which time the corpus is spread evenly, ms. */
  readonly duration: number;
  /** Makes the cookies of returning visitors. */
  readonly seed: number;
}

/** k6 holds the corpus in memory, 3 kB a request. */
export const MOST_REQUESTS = 200_000;
const PROGRESS_MS = 1_000;

/**
 * A way of sending like the simulator's own: k6 sends the plan's requests, at a constant rate. The whole plan is in the ledger, and with
 * the operating system, before k6 is started; what it says of each request becomes the answer. The plan's due times do not count.
 *
 * A request that k6 dropped, because all virtual users were busy, was never sent: the ledger has it as refused without a status.
 * k6 hands out the corpus in order, so where it ends orderly everything that it has told nothing of is such. Where it was broken off,
 * what lies up to `users` behind the last one told of may have been sent, so nobody knows.
 */
export function sendWithK6({ k6, scenario, users, duration, seed }: K6Options) {
  return async (
    plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>,
    options: SendOptions,
  ): Promise<SendResult> => {
    const folder = await mkdtemp(join(tmpdir(), 'clickproof-k6-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    // A second Ctrl-C ends the process on the spot.
    process.once('exit', remove);
    try {
      const file = join(folder, 'corpus.ndjson');
      const requests = await prepare(plan, file, seed, duration, options);
      const tally = new Tally(requests, duration, users, options);
      const progress = setInterval(() => {
        options.ledger?.flush();
        options.onProgress?.(tally.progress());
      }, PROGRESS_MS);
      try {
        const { interrupted } = await run();
        const result = tally.finish(interrupted);
        options.onProgress?.(tally.progress());
        return result;
      } finally {
        clearInterval(progress);
        options.ledger?.flush();
      }

      async function run() {
        const k6Process = new K6Process(k6, scriptOf(scenario), {
          CORPUS: file,
          TARGET: options.target,
          VUS: String(users),
          RATE: String(requests.length),
          RATE_UNIT: `${Math.ceil(duration)}ms`,
          // Half an interval more: the last request is due at the end, or a rounding before it.
          DURATION: `${Math.ceil(duration + duration / requests.length / 2)}ms`,
        });
        const stop = () => k6Process.interrupt();
        options.signal?.addEventListener('abort', stop, { once: true });
        if (options.signal?.aborted) stop();
        try {
          for await (const line of k6Process.lines()) {
            const result = parseResult(line, requests.length);
            if (result === undefined) k6Process.remember(line);
            else tally.add(result);
          }
          return await k6Process.ended();
        } finally {
          options.signal?.removeEventListener('abort', stop);
          k6Process.kill();
        }
      }
    } finally {
      process.off('exit', remove);
      remove();
    }
  };
}

/** Writes the corpus, and the intents to the ledger. */
async function prepare(
  plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>,
  file: string,
  seed: number,
  duration: number,
  { ledger }: SendOptions,
): Promise<PlannedRequest[]> {
  const requests: PlannedRequest[] = [];
  const stream = createWriteStream(file);
  for await (const { plan: request, line } of corpus(plan, seed)) {
    if (requests.length === MOST_REQUESTS) {
      stream.destroy();
      throw new ClickproofError(
        'CORPUS_TOO_LARGE',
        `the traffic comes to more than ${MOST_REQUESTS} requests`,
        {
          remedy: 'k6 holds them all in memory; give a lower --rate or a shorter --duration',
        },
      );
    }
    requests.push(request);
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
  if (requests.length === 0) {
    throw new ClickproofError('CORPUS_EMPTY', 'the traffic comes to no request that k6 could send', {
      remedy: 'give a higher --rate or a longer --duration',
    });
  }
  for (const [at, request] of requests.entries()) ledger?.intend(request, (at * duration) / requests.length);
  ledger?.flush();
  return requests;
}

/** Beside this file; compiled where this is. */
function scriptOf(scenario: Scenario): string {
  return fileURLToPath(new URL(`scripts/${scenario}${extname(import.meta.url)}`, import.meta.url));
}
