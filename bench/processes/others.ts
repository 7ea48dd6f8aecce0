import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_FOR_MS = 1_000;
/** Below it nobody else is at work worth speaking of. */
const QUIET = 0.15;

/** What others do while nothing is measured: a sentence for the figures, undefined on a quiet machine. */
export async function othersAtWork(): Promise<string | undefined> {
  const before = processorTimes();
  await sleep(LOOK_FOR_MS);
  const after = processorTimes();
  const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
  return share < QUIET
    ? undefined
    : `on a busy machine: before it began other programs took ${Math.round(share * 100)} % of the processors`;
}

/** Of all processors together, ms. */
function processorTimes(): { busy: number; all: number } {
  let busy = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, all: busy + idle };
}
