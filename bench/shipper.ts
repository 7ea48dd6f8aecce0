import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchmarkResult } from '../reports/result.ts';
import { type BenchContext, type Benchmark, type BenchOutcome, perSecond } from './benchmark.ts';
import { figure } from './figure.ts';
import { SubjectProcess } from './processes/subject-process.ts';
import { type AccessFile, writeAccessLog } from './samples/access-file.ts';
import { besideFilebeat } from './shipper/beside-filebeat.ts';
import { interleave } from './statistics/interleave.ts';
import type { ShipperSubjectSettings, ShipperTask } from './subjects/shipper.ts';

const LINES = 500_000;
const QUICK_LINES = 40_000;
/** What is left of the query, so that lines become 0.7 kB. */
const LINE_BYTES = 700;
/** Each takes some seconds; three are enough to see whether they differ. */
const MOST_ROUNDS = 3;

export const shipperBenchmark: Benchmark = { name: 'shipper', run };

async function run(context: BenchContext): Promise<BenchOutcome> {
  const { quick, scratch, say, signal } = context;
  const lines = quick ? QUICK_LINES : LINES;
  const rounds = Math.min(context.rounds, MOST_ROUNDS);
  const folder = join(scratch, 'shipper');
  await mkdir(folder);
  const file = join(folder, 'tracking.log');
  say(`shipper: writes ${lines} lines`);
  await writeAccessLog(file, lines, LINE_BYTES);
  const sample = { folder, file, lines, lineBytes: LINE_BYTES };
  const figures = [await intoEmbeddedLog(sample, { scratch, rounds, quick })];
  if (context.missingEngine !== undefined) say(`shipper: not beside Filebeat, ${context.missingEngine}`);
  else if (!signal.aborted) figures.push(...(await besideFilebeat(sample, { rounds, say })));
  return { figures };
}

async function intoEmbeddedLog(
  { file, lines, lineBytes }: AccessFile,
  { scratch, rounds, quick }: { scratch: string; rounds: number; quick: boolean },
): Promise<BenchmarkResult> {
  const subject = await SubjectProcess.start<ShipperTask>('shipper', {
    ...{ file, lines },
    log: { scratch },
  } satisfies ShipperSubjectSettings);
  try {
    const measured = await interleave(
      {
        ship: () => subject.run({ what: 'ship', replicate: 'bench' }),
        append: () => subject.run({ what: 'append', replicate: 'bench' }),
      },
      rounds,
      quick,
    );
    return figure({
      name: 'shipper',
      unit: 'lines/s',
      samples: measured.ship.map(perSecond),
      reference: {
        name: 'readline and appending the bare lines, without key, envelope or position',
        samples: measured.append.map(perSecond),
      },
      notes: [`${lines} lines of ${lineBytes} bytes into 4 partitions, 1,000 lines a transaction`],
    });
  } finally {
    subject.stop();
  }
}
