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
  /** What the pipeline's processes count of themselves, beside what the checker counted. */
  readonly metrics?: readonly MetricResult[];
  readonly profiles?: ProfileResult;
  /** What it took to check it. */
  readonly check?: CheckCost;
  readonly latency: readonly LatencyResult[];
  /** One sample a second or so. */
  readonly timeline: readonly TimelineSample[];
  readonly tables: readonly TableResult[];
  readonly processes: readonly ProcessResult[];
  /** The most memory that all processes had at one time. */
  readonly peakMemoryBytes: number;
  readonly restarts: readonly { readonly role: string; readonly at: number; readonly how: string }[];
  /** What a benchmark measured. */
  readonly benchmarks?: readonly BenchmarkResult[];
}

/** One figure, beside what it is to be compared with. */
export interface BenchmarkResult {
  readonly name: string;
  readonly unit: string;
  /** The median of the samples. */
  readonly value: number;
  readonly samples: readonly number[];
  /** Holds the true median with this confidence (0 to 1). */
  readonly spread: { readonly low: number; readonly high: number; readonly confidence: number };
  /** What was measured beside it, in turns, in the same run. */
  readonly reference?: { readonly name: string; readonly value: number };
  /** `value` divided by the reference's, replicate by replicate; the median. */
  readonly ratio?: number;
  /** Holds the true median of the ratios with this confidence. */
  readonly ratioSpread?: BenchmarkResult['spread'];
  /** Figures of others, measured elsewhere. */
  readonly published?: readonly { readonly name: string; readonly value: number; readonly source: string }[];
  /** What it should be: at least, or at most where less is better. */
  readonly aim?: number;
  readonly better: 'more' | 'less';
  /** How it was measured, and what was the bottleneck; one sentence each. */
  readonly notes: readonly string[];
  /** Where the time went, where the aim was missed: the share (0 to 1) of a process's busy time. */
  readonly profile?: readonly ProfileEntry[];
  /** CPU time an event, by process, microseconds. */
  readonly cpuPerEvent?: readonly { readonly role: string; readonly microseconds: number }[];
  /** How it went over time, e.g. memory by the minute. */
  readonly series?: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

export interface ProfileEntry {
  readonly process: string;
  readonly function: string;
  readonly where: string;
  readonly share: number;
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
  /** True where sending ended before the traffic did: Ctrl-C, or a scenario that had seen enough. */
  readonly stopped: boolean;
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
  readonly unit: 'requests' | 'events' | 'visitors';
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
  /** Repeats of one event that the hop before still showed and this one rightly does not. */
  readonly repeats?: number;
  /** False where the hop could not be read; the verdict is `unknown` then. */
  readonly read: boolean;
  /** A sentence why not. */
  readonly unreadable?: string;
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
  /** Where the key names a request: the ids of its events. */
  readonly events?: readonly string[];
  /** For an altered event: the fields that differ. */
  readonly fields?: readonly { readonly name: string; readonly expected: unknown; readonly seen: unknown }[];
}

export interface CheckCost {
  /** Until everything had come through. */
  readonly drainSeconds: number;
  readonly seconds: number;
  /** The most memory that the checking process had meanwhile; what it had from sending is in it. */
  readonly peakMemoryBytes: number;
}

/** One counter of a role's, over the run, all its processes together. */
export interface MetricResult {
  /** `collector`, `shipper`, or a stage. */
  readonly role: string;
  /** `records read from tracking_raw`. */
  readonly counter: string;
  /** Both numbers, or why they cannot be compared. */
  readonly said?: number;
  readonly counted?: number;
  readonly notComparable?: string;
  /** Where the two differ: one sentence. */
  readonly differs?: string;
}

export interface ProfileResult {
  readonly visitors: number;
  readonly correct: number;
  readonly wrong: number;
  /** The event that would show the profile is among the lost. */
  readonly unseen?: number;
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
  /** Bytes of the access log that are not in the event log yet. */
  readonly unshippedBytes?: number;
  /** Memory by process, bytes (proportional set size); only of every fifth sample, and where the system tells. */
  readonly memory?: Readonly<Record<string, number>>;
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

/** Whether a figure is what it should be; undefined where nothing is asked of it. */
export function aimMet({
  value,
  aim,
  better,
}: Pick<BenchmarkResult, 'value' | 'aim' | 'better'>): boolean | undefined {
  if (aim === undefined) return undefined;
  return better === 'more' ? value >= aim : value <= aim;
}
