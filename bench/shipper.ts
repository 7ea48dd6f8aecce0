import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchContext, type Benchmark, type BenchOutcome, perSecond } from './benchmark.ts';
import { figure } from './figure.ts';
import { SubjectProcess } from './processes/subject-process.ts';
import { AccessLines } from './samples/access-lines.ts';
import { recordedGets } from './samples/recording.ts';
import { interleave } from './statistics/interleave.ts';
import type { ShipperSubjectSettings, ShipperTask } from './subjects/shipper.ts';

const LINES = 500_000;
const QUICK_LINES = 40_000;
/** What is left of the query, so that lines become 0.7 kB. */
const LINE_BYTES = 700;
/** Each takes some seconds; three are enough to see whether they differ. */
const MOST_ROUNDS = 3;

export const shipperBenchmark: Benchmark = {
  name: 'shipper',
  what: 'the shipper alone: a file of lines into the embedded event log',
  run,
};

async function run({ quick, rounds, scratch, say }: BenchContext): Promise<BenchOutcome> {
  const lines = quick ? QUICK_LINES : LINES;
  const file = join(scratch, 'shipper.log');
  say(`shipper: writes ${lines} lines`);
  await writeLines(file, lines);
  const subject = await SubjectProcess.start<ShipperTask>('shipper', {
    file,
    lines,
    scratch,
  } satisfies ShipperSubjectSettings);
  try {
    const measured = await interleave(
      { ship: () => subject.run('ship'), append: () => subject.run('append') },
      Math.min(rounds, MOST_ROUNDS),
      quick,
    );
    return {
      figures: [
        figure({
          name: 'shipper',
          unit: 'lines/s',
          samples: measured.ship.map(perSecond),
          reference: {
            name: 'readline and appending the bare lines, without key, envelope or position',
            samples: measured.append.map(perSecond),
          },
          published: [
            {
              name: 'Filebeat 7.17, lines of 684 bytes into Kafka',
              value: 36_500,
              source: '33,000 to 40,000 on the same kind of machine, docs/benchmarks.md',
            },
          ],
          notes: [`${lines} lines of ${LINE_BYTES} bytes into 4 partitions, 1,000 lines a transaction`],
        }),
      ],
    };
  } finally {
    subject.stop();
  }
}

async function writeLines(path: string, count: number): Promise<void> {
  const lines = new AccessLines(await recordedGets());
  await using file = await open(path, 'w');
  for (let left = count; left > 0; left -= 1_000) {
    const some = lines.take(Math.min(1_000, left)).map((line) => `${shortened(line)}\n`);
    await file.write(some.join(''));
  }
}

/** Keeps the line an access-log line: only the query becomes shorter. */
function shortened(line: string): string {
  const fields = JSON.parse(line) as Record<string, string>;
  const query = fields.query_string!;
  const rest = line.length - query.length;
  return JSON.stringify({ ...fields, query_string: query.slice(0, Math.max(0, LINE_BYTES - rest)) });
}
