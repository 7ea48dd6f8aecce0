import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchmarkResult } from '../reports/result.ts';
import { type BenchContext, type Benchmark, type BenchOutcome, perSecond } from './benchmark.ts';
import { figure } from './figure.ts';
import { BESIDE, HOPS, REFERENCES } from './hops/hops.ts';
import { type Step, type StepName, startRig } from './hops/rig.ts';
import { writeAccessLog } from './samples/access-file.ts';
import { medianCosts } from './servers/cpu-cost.ts';

const EVENTS = 20_000;
const QUICK_EVENTS = 1_000;
const MOST_ROUNDS = 3;

export const hopRatesBenchmark: Benchmark = { name: 'hop-rates', run };

async function run({ quick, rounds, scratch, signal, say }: BenchContext): Promise<BenchOutcome> {
  const lines = quick ? QUICK_EVENTS : EVENTS;
  const file = join(scratch, 'hops.log');
  await writeAccessLog(file, lines);
  const lineBytes = (await stat(file)).size / lines;
  const rig = await startRig({ file, lines }, signal);
  const measured: ReadonlyMap<StepName, Step>[] = [];
  try {
    const wanted = quick ? 1 : Math.min(rounds, MOST_ROUNDS);
    // The first round warms up and does not count.
    for (let round = quick ? 1 : 0; round <= wanted && !(signal.aborted && round > 1); round++) {
      say(`hop-rates: ${lines} events through each hop, ${round === 0 ? 'to warm up' : round}`);
      const steps = await rig.round();
      if (round > 0) measured.push(steps);
    }
  } finally {
    await rig.stop();
  }
  const steps = (name: StepName) => measured.map((round) => round.get(name)!);
  const hop = (name: 'shipper' | (typeof HOPS)[number]): BenchmarkResult => {
    const reference = BESIDE[name];
    return {
      ...figure({
        name: `hop: ${name}`,
        unit: name === 'shipper' ? 'lines/s' : 'events/s',
        samples: steps(name).map((step) => perSecond(step.measured)),
        reference: {
          name: REFERENCES[reference],
          samples: steps(reference).map((step) => perSecond(step.measured)),
        },
        notes: [
          `${lines} lines of ${(lineBytes / 1000).toFixed(1)} kB in the mean, an event each, through 4 partitions; one process, the servers on the same cores and otherwise idle`,
          'from the first partition claimed to the last offset committed; every record is accounted for',
        ],
      }),
      cpuPerEvent: medianCosts(steps(name).map(({ cost }) => cost)).filter(
        ({ microseconds }) => microseconds >= 1,
      ),
    };
  };
  return { figures: [hop('shipper'), ...HOPS.map(hop)] };
}
