import { aimMet } from '../reports/result.ts';
import { type BenchContext, type Benchmark, type BenchOutcome, perSecond } from './benchmark.ts';
import { figure } from './figure.ts';
import { MEASURED_CORE } from './processes/cores.ts';
import { SubjectProcess } from './processes/subject-process.ts';
import { interleave } from './statistics/interleave.ts';
import type { SimulatorTask } from './subjects/simulator.ts';

const AIM = 50_000;

export const simulatorBenchmark: Benchmark = {
  name: 'simulator',
  run,
};

async function run({ quick, rounds, say }: BenchContext): Promise<BenchOutcome> {
  const events = quick ? 30_000 : 150_000;
  let seed = 0;
  const subject = await SubjectProcess.start<SimulatorTask>('simulator', null, MEASURED_CORE);
  try {
    const plan = () => subject.run({ what: 'plan', events, seed: ++seed });
    const stringify = () => subject.run({ what: 'stringify', events, seed: 0 });
    const measured = await interleave({ plan, stringify }, rounds);
    const found = figure({
      name: 'simulator',
      unit: 'events/s per core',
      samples: measured.plan.map(perSecond),
      reference: {
        name: 'JSON.stringify of such requests, already made',
        samples: measured.stringify.map(perSecond),
      },
      aim: AIM,
      notes: [
        `traffic of ${events} events, 2,000 visitors, another seed each time, the making of population and site included`,
      ],
    });
    if (aimMet(found) !== false) return { figures: [found] };
    say('simulator: below its aim, looks where the time goes');
    const spots = await subject.profile({ what: 'plan', events, seed: ++seed });
    return { figures: [{ ...found, profile: spots.map((spot) => ({ process: 'simulator', ...spot })) }] };
  } finally {
    subject.stop();
  }
}
