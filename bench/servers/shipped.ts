import { setTimeout as sleep } from 'node:timers/promises';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import type { Measured } from '../benchmark.ts';
import { written } from './kafka-log.ts';

const LOOK_EVERY_MS = 25;
const GIVE_UP_AFTER_MS = 300_000;

/**
 * Looks from outside how fast lines come into a topic: from when the first of them are seen, which leaves out how long a shipper takes to
 * start, until all are there.
 *
 * @param finished whether all are there, by what is written to the topic
 * @throws ClickproofError BENCH_FAILED they do not come
 */
export async function shipped(
  log: EventLog,
  topic: string,
  lines: number,
  finished: (written: number) => boolean,
): Promise<Measured> {
  const began = performance.now();
  const giveUp = began + GIVE_UP_AFTER_MS;
  let first: { count: number; at: number } | undefined;
  for (;;) {
    const count = await written(log, topic);
    const at = performance.now();
    if (count > 0) first ??= { count, at };
    if (first !== undefined && finished(count)) {
      // A file so short that all of it came between two looks.
      if (first.count >= lines) return { count: lines, seconds: (at - began) / 1000 };
      return { count: lines - first.count, seconds: (at - first.at) / 1000 };
    }
    if (at > giveUp) {
      throw new ClickproofError(
        'BENCH_FAILED',
        `${count} of ${lines} lines arrived in ${GIVE_UP_AFTER_MS / 1000} s`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}
