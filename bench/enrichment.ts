import { aimMet } from '../reports/result.ts';
import {
  type BenchContext,
  type Benchmark,
  type BenchOutcome,
  type Measured,
  perSecond,
} from './benchmark.ts';
import { figure } from './figure.ts';
import { canPin, MEASURED_CORE } from './processes/cores.ts';
import { SubjectProcess } from './processes/subject-process.ts';
import { interleave } from './statistics/interleave.ts';
import type { EnrichmentTask } from './subjects/enrichment.ts';

const AIM = 20_000;

const JVM = {
  name: 'JVM reference enrichment, 0.8 kB requests, one thread',
  value: 7_000,
  source: 'measured on the same kind of machine, docs/benchmarks.md',
};

export const enrichmentBenchmark: Benchmark = {
  name: 'enrichment',
  run,
};

async function run({ quick, rounds, say }: BenchContext): Promise<BenchOutcome> {
  const lines = quick ? 6_000 : 20_000;
  const coldLines = lines / 10;
  const subject = await SubjectProcess.start<EnrichmentTask, Measured & { bytes: number }>(
    'enrichment',
    null,
    MEASURED_CORE,
  );
  try {
    const measured = await interleave(
      {
        enrich: () => subject.run({ what: 'enrich', lines }),
        text: () => subject.run({ what: 'enrich-text', lines }),
        cold: () => subject.run({ what: 'enrich-cold', lines: coldLines }),
        parse: () => subject.run({ what: 'parse', lines }),
      },
      rounds,
    );
    const sizes = measured.enrich.map(({ bytes, count }) => bytes / count);
    const notes = [
      `GET requests of the real tracker as lines of ${(sizes[0]! / 1000).toFixed(1)} kB in the mean, none seen before`,
      canPin()
        ? 'bound to one core, garbage collection included'
        : 'not bound to a core: the garbage collector may have used others',
    ];
    const reference = { name: 'JSON.parse of such lines', samples: measured.parse.map(perSecond) };
    const warm = figure({
      name: 'enrichment',
      unit: 'events/s per core',
      samples: measured.enrich.map(perSecond),
      reference,
      published: [JVM],
      aim: AIM,
      notes: [...notes, 'one line in 20 has a user agent that was never seen before'],
    });
    const cold = figure({
      name: 'enrichment, cold',
      unit: 'events/s per core',
      samples: measured.cold.map(perSecond),
      reference,
      notes: [...notes, 'every line has a user agent that was never seen before'],
    });
    const text = figure({
      name: 'enrichment, text to text',
      unit: 'events/s per core',
      samples: measured.text.map(perSecond),
      reference,
      notes: [...notes, 'as `clickproof enrich` does it: JSON parsed before and written after, included'],
    });
    const figures = [warm, text, cold];
    if (aimMet(warm) !== false) return { figures };
    say('enrichment: below its aim, looks where the time goes');
    const spots = await subject.profile({ what: 'enrich', lines });
    return {
      figures: [{ ...warm, profile: spots.map((spot) => ({ process: 'enrichment', ...spot })) }, text, cold],
    };
  } finally {
    subject.stop();
  }
}
