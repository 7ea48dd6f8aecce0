/** What a run leaves behind: `result.json`. Readers must look at `schema` first; fields are only ever added within one. */
export const RESULT_SCHEMA = 'clickproof.result/1';

export type Verdict =
  /** Every event is accounted for. */
  | 'pass'
  /** Something was lost, repeated, altered or made up. */
  | 'fail'
  /** Nobody can say: a hop could not be read, or there was too little traffic. */
  | 'unknown';

export interface Result {
  readonly schema: typeof RESULT_SCHEMA;
  readonly version: string;
  readonly command: string;
  /** The command line that repeats this run. */
  readonly reproduce: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly machine: MachineResult;
  readonly stack: StackResult;
  readonly verdict: Verdict;
  /** Why the verdict is not `pass`; one sentence each. */
  readonly reasons: readonly string[];
  readonly traffic: TrafficResult;
  readonly hops: readonly HopResult[];
  readonly conservation: readonly ConservationResult[];
  readonly findings: readonly FindingResult[];
  readonly profiles?: ProfileResult;
  readonly latency: readonly LatencyResult[];
  /** One sample a second or so. */
  readonly timeline: readonly TimelineSample[];
  readonly tables: readonly TableResult[];
  readonly processes: readonly ProcessResult[];
  /** The most memory that all processes had at one time. */
  readonly peakMemoryBytes: number;
  readonly restarts: readonly { readonly role: string; readonly at: number; readonly how: string }[];
}

export interface MachineResult {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
}

export interface StackResult {
  readonly kind: string;
  readonly description: readonly string[];
}

export interface TrafficResult {
  readonly mark: string;
  readonly seed: number;
  readonly requests: number;
  readonly events: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly answers: {
    readonly acknowledged: number;
    readonly refused: number;
    readonly unknown: number;
    /** Among the refused: the collector was not there to be asked. */
    readonly unreachable: number;
  };
  /** Seconds from the first request to the last answer. */
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly generator: {
    /** Requests that were due but never sent, e.g. after Ctrl-C. */
    readonly dropped: number;
    /** How late requests went out, ms. */
    readonly lag: Percentiles;
    /** True where the generator itself was too slow: its figures say nothing of the pipeline then. */
    readonly bottleneck: boolean;
  };
}

export interface HopResult {
  readonly hop: string;
  readonly unit: 'requests' | 'events';
  readonly expected: number;
  readonly delivered: number;
  readonly indeterminate: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly spurious: number;
  readonly misrouted: number;
  readonly outOfOrder: number;
  readonly foreign: number;
  readonly records: number;
  /** False where the hop could not be read; the verdict is `unknown` then. */
  readonly read: boolean;
}

/** An equation that must hold, e.g. lines = processed + failed + refused + ignored. */
export interface ConservationResult {
  readonly name: string;
  readonly left: { readonly [part: string]: number };
  readonly right: { readonly [part: string]: number };
  readonly holds: boolean;
}

export interface FindingResult {
  readonly kind: string;
  readonly hop: string;
  readonly key: string;
  readonly where: string;
  /** For an altered event: the fields that differ. */
  readonly fields?: readonly { readonly name: string; readonly expected: unknown; readonly seen: unknown }[];
}

export interface ProfileResult {
  readonly visitors: number;
  readonly correct: number;
  readonly wrong: number;
}

/** Milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LatencyResult extends Percentiles {
  /** From where to where; `due` is the intended send time. */
  readonly name: string;
}

export interface TimelineSample {
  /** Seconds since the run began. */
  readonly at: number;
  /** Counts so far, by hop. */
  readonly counts: Readonly<Record<string, number>>;
  /** Records behind, by consumer group. */
  readonly lag: Readonly<Record<string, number>>;
}

export interface TableResult {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface ProcessResult {
  readonly role: string;
  readonly peakMemoryBytes: number;
  readonly cpuSeconds: number;
}
