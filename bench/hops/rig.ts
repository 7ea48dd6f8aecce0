import { startServers } from '../../containers/definitions/index.ts';
import { connectEngine } from '../../containers/engine/index.ts';
import type { Measured } from '../benchmark.ts';
import { SubjectProcess } from '../processes/subject-process.ts';
import type { ServerAddresses } from '../servers/addresses.ts';
import { type CpuCost, costOf } from '../servers/cpu-cost.ts';
import { deleteTopics } from '../servers/delete-topics.ts';
import { topicsOf } from '../servers/names.ts';
import { benchRun } from '../servers/run-name.ts';
import type { BareTask } from '../subjects/bare.ts';
import type { HopName, HopSubjectSettings, HopTask } from '../subjects/hop.ts';
import type { RelayTask } from '../subjects/relay.ts';
import type { ShipperSubjectSettings, ShipperTask } from '../subjects/shipper.ts';
import { BESIDE, HOPS, type REFERENCES } from './hops.ts';

export type StepName = 'shipper' | HopName | keyof typeof REFERENCES;

/** One replicate of one step. */
export interface Step {
  readonly measured: Measured;
  readonly cost: CpuCost;
}

export interface Rig {
  /** Each hop once, one after the other, from the file to both sinks, each followed by what it is compared with. */
  round(): Promise<ReadonlyMap<StepName, Step>>;
  stop(): Promise<void>;
}

/** The servers, and a process for each hop, which is kept, so that only the first round is cold. */
export async function startRig(
  access: { readonly file: string; readonly lines: number },
  signal: AbortSignal,
): Promise<Rig> {
  const engine = await connectEngine();
  const run = benchRun();
  const servers = await startServers(engine, { run, signal });
  const addresses: ServerAddresses = {
    brokers: [servers.kafka.broker],
    redisUrl: servers.redis.url,
    clickhouseUrl: servers.clickhouse.url,
    elasticsearchUrl: servers.elasticsearch.url,
  };
  const { brokers } = addresses;
  const stopping: { stop(): void }[] = [];
  const started = async <Task>(subject: Promise<SubjectProcess<Task>>) => {
    const one = await subject;
    stopping.push(one);
    return one;
  };
  const stop = async () => {
    for (const subject of stopping) subject.stop();
    await servers.stop();
  };
  try {
    const settings: ShipperSubjectSettings = { ...access, log: { brokers } };
    const shipper = await started(SubjectProcess.start<ShipperTask>('shipper', settings));
    const relay = await started(SubjectProcess.start<RelayTask>('relay', { brokers }));
    const bare = await started(SubjectProcess.start<BareTask>('bare', addresses));
    const hops = new Map<HopName, SubjectProcess<HopTask>>();
    for (const hop of HOPS) {
      const hopSettings: HopSubjectSettings = { ...addresses, hop };
      hops.set(hop, await started(SubjectProcess.start<HopTask>('hop', hopSettings)));
    }
    const records = access.lines;
    let rounds = 0;
    return {
      stop,
      async round() {
        const replicate = `r${++rounds}`;
        const appended = `${replicate}_bare`;
        const steps = new Map<StepName, Step>();
        const step = async (name: StepName, { pid }: { pid: number }, work: () => Promise<Measured>) => {
          steps.set(name, await costOf(work, { engine, run, process: { name, pid } }));
        };
        await step('shipper', shipper, () => shipper.run({ what: 'ship', replicate }));
        await step('append', shipper, () => shipper.run({ what: 'append', replicate: appended }));
        await deleteTopics(brokers, topicsOf(appended));
        for (const [hop, subject] of hops) {
          await step(hop, subject, () => subject.run({ replicate, records }));
          const what = BESIDE[hop];
          if (what === 'append' || steps.has(what)) continue;
          if (what === 'relay') await step(what, relay, () => relay.run({ replicate, records }));
          else await step(what, bare, () => bare.run({ what, replicate, records }));
        }
        await deleteTopics(brokers, topicsOf(replicate));
        return steps;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
