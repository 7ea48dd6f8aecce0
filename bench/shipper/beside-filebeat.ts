import {
  type ContainerContext,
  closeNetwork,
  openNetwork,
  startFilebeatShipper,
  startKafka,
} from '../../containers/definitions/index.ts';
import { connectEngine } from '../../containers/engine/index.ts';
import type { BenchmarkResult } from '../../reports/result.ts';
import { type Measured, perSecond } from '../benchmark.ts';
import { figure } from '../figure.ts';
import { SubjectProcess } from '../processes/subject-process.ts';
import type { AccessFile } from '../samples/access-file.ts';
import { type CpuCost, costOf, medianCosts } from '../servers/cpu-cost.ts';
import { deleteTopics } from '../servers/delete-topics.ts';
import { makeTopics, openBenchLog } from '../servers/kafka-log.ts';
import { topicsOf } from '../servers/names.ts';
import { benchRun } from '../servers/run-name.ts';
import { shipped } from '../servers/shipped.ts';
import { estimate } from '../statistics/estimate.ts';
import { interleave } from '../statistics/interleave.ts';
import type { ShipperSubjectSettings, ShipperTask } from '../subjects/shipper.ts';

interface Shipping extends Measured {
  readonly cost: CpuCost;
}

/** The same file into the same Kafka, by our shipper and by the real Filebeat in turns. */
export async function besideFilebeat(
  sample: AccessFile,
  { rounds, say }: { rounds: number; say: (line: string) => void },
): Promise<BenchmarkResult[]> {
  const { folder, file, lines, lineBytes } = sample;
  say('shipper: the same into Kafka, and Filebeat in turns with it');
  const engine = await connectEngine();
  const context = await openNetwork(engine, benchRun());
  let subject: SubjectProcess<ShipperTask> | undefined;
  try {
    const { broker } = await startKafka(context);
    const brokers = [broker];
    subject = await SubjectProcess.start<ShipperTask>('shipper', {
      ...{ file, lines },
      log: { brokers },
    } satisfies ShipperSubjectSettings);
    const ours = subject;
    let n = 0;
    let image = '';
    const inNewTopics = async (ship: (replicate: string) => Promise<Shipping>): Promise<Shipping> => {
      const replicate = `r${++n}`;
      try {
        return await ship(replicate);
      } finally {
        await deleteTopics(brokers, topicsOf(replicate));
      }
    };
    const measured = await interleave(
      {
        ours: () => inNewTopics((replicate) => byOurs(context, ours, brokers, replicate, lines)),
        filebeat: () =>
          inNewTopics(async (replicate) => {
            const { result, image: name } = await byFilebeat(context, folder, brokers, replicate, lines);
            image = name;
            return result;
          }),
      },
      rounds,
    );
    const filebeat = measured.filebeat.map(perSecond);
    const found = figure({
      name: 'shipper into Kafka',
      unit: 'lines/s',
      samples: measured.ours.map(perSecond),
      reference: { name: `Filebeat (${image})`, samples: filebeat },
      aim: estimate(filebeat).median,
      notes: [
        `${lines} lines of ${lineBytes} bytes into 4 partitions, acknowledged by all replicas (one), not compressed; timed from the first lines in the topic to the last`,
        'ours: transactions of 1,000 lines with the position in them, every line exactly once; Filebeat: at least once, its position kept in a file',
        'Filebeat runs in a container and reaches Kafka over the bridge; ours runs on the machine and reaches it through the engine’s port forwarding',
        `CPU a line, µs: ours ${costText(measured.ours)}; Filebeat ${costText(measured.filebeat)}`,
      ],
    });
    return [found];
  } finally {
    subject?.stop();
    await closeNetwork(context);
  }
}

async function byOurs(
  { engine, run }: ContainerContext,
  subject: SubjectProcess<ShipperTask>,
  brokers: readonly string[],
  replicate: string,
  lines: number,
): Promise<Shipping> {
  const topics = topicsOf(replicate);
  const log = openBenchLog(brokers);
  try {
    await makeTopics(log, topics);
    const ship = async () => {
      let done = false;
      const [measured] = await Promise.all([
        shipped(log, topics.raw, lines, () => done),
        subject.run({ what: 'ship', replicate }).finally(() => {
          done = true;
        }),
      ]);
      return measured;
    };
    const { measured, cost } = await costOf(ship, {
      engine,
      run,
      process: { name: 'shipper', pid: subject.pid },
    });
    return { ...measured, cost };
  } finally {
    await log.close();
  }
}

async function byFilebeat(
  context: ContainerContext,
  logDirectory: string,
  brokers: readonly string[],
  replicate: string,
  lines: number,
): Promise<{ result: Shipping; image: string }> {
  const topics = topicsOf(replicate);
  const log = openBenchLog(brokers);
  try {
    await makeTopics(log, topics);
    const ship = async () => {
      const [measured, { service }] = await Promise.all([
        shipped(log, topics.raw, lines, (count) => count >= lines),
        startFilebeatShipper(context, { logDirectory, topic: topics.raw }),
      ]);
      return { ...measured, service };
    };
    const { measured, cost } = await costOf(ship, context);
    const { service, ...times } = measured;
    await service.stop();
    return { result: { ...times, cost }, image: service.image.name };
  } finally {
    await log.close();
  }
}

/** The median of each part. */
function costText(shippings: readonly Shipping[]): string {
  return medianCosts(shippings.map(({ cost }) => cost))
    .map(({ role, microseconds }) => `${role} ${microseconds.toFixed(1)}`)
    .join(', ');
}
