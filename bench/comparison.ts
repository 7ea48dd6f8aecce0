import type { BenchContext, Benchmark, BenchOutcome } from './benchmark.ts';
import { perSecond } from './benchmark.ts';
import { figure } from './figure.ts';
import { SubjectProcess } from './processes/subject-process.ts';
import { type Compared, type ComparisonTask, WRONG_ONE_IN } from './subjects/comparison.ts';

/** What it may take, whatever the run's size, MB. */
const MEMORY_AIM_MB = 1_500;

const EVENTS = 10_000_000;
const QUICK_EVENTS = 300_000;

export const comparisonBenchmark: Benchmark = {
  name: 'comparison',
  run,
};

async function run({ quick, scratch, say }: BenchContext): Promise<BenchOutcome> {
  const events = quick ? QUICK_EVENTS : EVENTS;
  const subject = await SubjectProcess.start<ComparisonTask, Compared>('comparison', scratch);
  try {
    say(`comparison: ${events} events at four hops`);
    const compared = await subject.run({ events, as: EVENTS });
    const wrong = Math.ceil((events - 1) / WRONG_ONE_IN);
    const { lost, duplicated, corrupted, peakMemoryBytes, seconds } = compared;
    const found = `${lost} lost, ${duplicated} doubled and ${corrupted} altered were found, of ${wrong} each`;
    if ([lost, duplicated, corrupted].some((one) => one !== wrong)) throw new Error(found);
    const notes = [
      `${events} events at four hops, ${5 * events} rows, made and compared in ${seconds.toFixed(0)} s, once; ${found}`,
      ...(quick ? [`in files as large as those of ${EVENTS} events`] : []),
    ];
    return {
      figures: [
        figure({ name: 'comparison', unit: 'events/s', samples: [perSecond(compared)], notes }),
        figure({
          ...{ name: 'memory of the comparison', unit: 'MB', samples: [peakMemoryBytes / 1e6] },
          ...{ aim: MEMORY_AIM_MB, better: 'less', notes },
        }),
      ],
    };
  } finally {
    subject.stop();
  }
}
