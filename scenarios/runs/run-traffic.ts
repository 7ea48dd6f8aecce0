import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Histogram } from 'hdr-histogram-js';
import type { Stack, StackLatency, StackProgress, Target } from '../../containers/stack.ts';
import { VERSION } from '../../pipeline/contracts/version.ts';
import {
  type CheckCost,
  type LatencyResult,
  type MachineResult,
  type Percentiles,
  RESULT_SCHEMA,
  type Result,
} from '../../reports/result.ts';
import { openLedger } from '../../simulator/ledger/index.ts';
import type { PlannedRequest } from '../../simulator/plan/request.ts';
import { type SendOptions, type SendProgress, send } from '../../simulator/transport/index.ts';
import { MemoryWatch } from './memory-watch.ts';
import { PipelineProver } from './pipeline-prover.ts';
import type { Proof, ProofEvents, Prover } from './prover.ts';
import { Sampler } from './sampler.ts';

/** Traffic whose every event is known. */
export interface Traffic {
  readonly mark: string;
  readonly seed: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>;
  readonly speed: NonNullable<SendOptions['speed']>;
  /** How it is sent: by the simulator itself unless given. */
  readonly send?: typeof send;
}

/** What a run says about itself while it goes on. */
export interface RunEvents extends ProofEvents {
  sending?(progress: SendProgress, stack: StackProgress): void;
  /** Told once how to ask for the progress at any time. */
  began?(progress: () => SendProgress): void;
}

export type RunOptions = CommonOptions & (PipelineRun | ProvenRun);

/** All hops of the stack's pipeline are compared with the ledger. */
interface PipelineRun {
  readonly stack: Stack;
  readonly prover?: undefined;
}

/** Somebody else proves what became of the traffic. */
interface ProvenRun {
  readonly stack: Target;
  readonly prover: Prover;
}

interface CommonOptions {
  readonly traffic: Traffic;
  /** Where the ledger and intermediate files go. */
  readonly folder: string;
  readonly command: string;
  readonly reproduce: string;
  /** Stops sending; the run goes on to drain, check and report. */
  readonly stopSending: AbortSignal;
  /** Gives up draining. */
  readonly signal?: AbortSignal;
  readonly drainTimeoutMs?: number;
  readonly concurrency?: number;
  readonly events?: RunEvents;
  /** Places of records that the faults write, as they come to be known; they are nobody's event. */
  readonly leftOut?: ReadonlySet<string>;
  /** Roles and stages that a fault happens to, as they come to be known. */
  readonly disturbed?: ReadonlySet<string>;
  /** What goes wrong while traffic is sent. Draining begins when both are over. */
  readonly faults?: () => Promise<void>;
}

/** A generator whose requests leave so late is a bottleneck: what it measures is itself. */
const LATE_MS = 100;

/** Sends while the faults happen. If one of the two fails the other ends before that is said: the caller will stop the stack. */
async function sendWithFaults(options: RunOptions, sampler: Sampler) {
  const failed = new AbortController();
  const stopSending = AbortSignal.any([options.stopSending, failed.signal]);
  const sending = sendAll({ ...options, stopSending }, sampler);
  const faults = options.faults?.().catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  const [sent, fault] = await Promise.allSettled([sending, faults]);
  if (sent.status === 'rejected') throw sent.reason;
  if (fault.status === 'rejected') throw fault.reason;
  return sent.value;
}

/**
 * Sends the traffic, waits until it has come through, compares every hop with the ledger and says what became of it all.
 *
 * @throws ClickproofError when a hop cannot be read or the ledger cannot be written
 */
export async function runTraffic(options: RunOptions): Promise<Result> {
  const { stack, traffic } = options;
  const startedAt = new Date();
  const prover = options.prover
    ? options.prover
    : await PipelineProver.begin({ ...options, mark: traffic.mark });
  const sampler = new Sampler(stack);
  const { result: sent, byKind } = await sendWithFaults(options, sampler);
  const { proof, cost } = await costed((checking) =>
    prover.prove({
      ...options.events,
      checking: (hop) => {
        checking();
        options.events?.checking?.(hop);
      },
      draining: (progress) => {
        options.events?.draining?.(progress);
        // Without a look the run is as good: what it says is one sample less.
        sampler.sample(sent.events, progress).catch(() => {});
      },
    }),
  );
  const tables = await stack.tables(traffic.mark);
  const freshness = await stack.freshness(traffic.mark);
  return {
    schema: RESULT_SCHEMA,
    version: VERSION,
    command: options.command,
    reproduce: options.reproduce,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    settings: traffic.settings,
    machine: machine(),
    stack: { kind: stack.kind, description: stack.description },
    verdict: proof.verdict,
    reasons: proof.reasons,
    traffic: {
      mark: traffic.mark,
      seed: traffic.seed,
      requests: sent.sent,
      events: sent.events,
      byKind: { ...byKind, ...sent.unplanned },
      answers: {
        acknowledged: sent.acknowledged,
        refused: sent.refused,
        unknown: sent.unknown,
        unreachable: sent.unreachable,
      },
      seconds: sent.elapsed / 1000,
      eventsPerSecond: sent.elapsed > 0 ? sent.events / (sent.elapsed / 1000) : 0,
      stopped: sent.stopped,
      generator: {
        dropped: sent.dropped + sent.abandoned,
        lag: percentiles(sent.lag),
        bottleneck: traffic.speed !== 'max' && sent.lag.getValueAtPercentile(99) > LATE_MS * 1000,
      },
    },
    hops: proof.hops,
    conservation: proof.conservation,
    findings: proof.findings,
    ...(proof.metrics && { metrics: proof.metrics }),
    ...(proof.profiles && { profiles: proof.profiles }),
    check: cost,
    latency: [
      latencyOf(traffic.speed === 'max' ? 'sent to answered' : 'due to answered', sent.latency),
      ...(freshness ? [freshnessOf(freshness)] : []),
    ],
    timeline: sampler.timeline,
    tables,
    processes: await sampler.processes(),
    peakMemoryBytes: sampler.peakMemoryBytes,
    restarts: stack.restarts,
  };
}

/** @param prove told whom to tell when draining is over and checking begins */
async function costed(
  prove: (checking: () => void) => Promise<Proof>,
): Promise<{ proof: Proof; cost: CheckCost }> {
  using memory = new MemoryWatch();
  const began = performance.now();
  let checks: number | undefined;
  const proof = await prove(() => {
    checks ??= performance.now();
  });
  memory.look();
  const ended = performance.now();
  const seconds = (from: number, to: number) => (to - from) / 1000;
  const cost = {
    drainSeconds: seconds(began, checks ?? ended),
    seconds: seconds(checks ?? ended, ended),
    peakMemoryBytes: memory.peakBytes,
  };
  return { proof, cost };
}

async function sendAll(options: RunOptions, sampler: Sampler) {
  const { stack, traffic, folder } = options;
  const byKind: Record<string, number> = {};
  const began = Date.now();
  const ledger = openLedger(join(folder, 'ledger'), {
    schema: 1,
    mark: traffic.mark,
    seed: traffic.seed,
    began,
    target: stack.collectorUrl,
    settings: traffic.settings,
    oracle: stack.collector,
  });
  try {
    const result = await (traffic.send ?? send)(counted(traffic.plan, byKind), {
      target: stack.collectorUrl,
      speed: traffic.speed,
      began,
      ledger,
      signal: options.stopSending,
      onBegin: (progress) => options.events?.began?.(progress),
      ...(options.concurrency && { concurrency: options.concurrency }),
      onProgress: (progress) => {
        sampler
          .sample(progress.events)
          .then((now) => options.events?.sending?.(progress, now))
          .catch(() => {
            // A look that fails (a role is being started again) is one sample less.
          });
      },
    });
    return { result, byKind };
  } finally {
    ledger.close();
  }
}

async function* counted(
  plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>,
  byKind: Record<string, number>,
) {
  for await (const request of plan) {
    byKind[request.kind] = (byKind[request.kind] ?? 0) + 1;
    yield request;
  }
}

/** HdrHistograms count microseconds. */
function percentiles(histogram: Histogram): Percentiles {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    count: histogram.totalCount,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    max: histogram.maxValue / 1000,
  };
}

function freshnessOf({ events: count, ...times }: StackLatency): LatencyResult {
  return { name: 'collected to inserted into ClickHouse', count, ...times };
}

function latencyOf(name: string, histogram: Histogram): LatencyResult {
  return { name, ...percentiles(histogram) };
}

/** The machine a run ran on. */
export function machine(): MachineResult {
  const list = cpus();
  return {
    cores: list.length,
    cpu: list[0]?.model.trim() ?? 'unknown processor',
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
