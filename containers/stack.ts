/** A pipeline that runs, and where to reach its parts. Pipeline code does not know which kind it is in. */
export interface Stack {
  readonly kind: 'embedded' | 'containers' | 'external';
  /** What is real, what stands in for what, and the command that gets the real one. */
  readonly description: readonly string[];
  readonly collectorUrl: string;
  readonly collector: CollectorTraits;
  readonly eventLog:
    | { readonly kind: 'embedded'; readonly path: string }
    | { readonly kind: 'kafka'; readonly brokers: readonly string[] };
  readonly profiles:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'redis'; readonly url: string };
  readonly clickhouse: { readonly url: string; readonly database: string };
  /** Undefined where it is off. `alias`: what queries read. */
  readonly elasticsearch?: { readonly url: string; readonly alias: string } | undefined;
  /** The access log's live file; rotated ones stand beside it. */
  readonly accessLog: string;
  /** What its processes are called, to be named in faults. */
  readonly roles: readonly string[];
  /** How often a role ended unexpectedly and was started again. */
  readonly restarts: readonly RoleRestart[];
  /** How far the data has come. */
  progress(): Promise<StackProgress>;
  /** What an analyst sees of one run's traffic: top pages, referrers and campaigns. */
  tables(mark: string): Promise<StackTable[]>;
  /** How long one run's events took from the collector to ClickHouse, ms. */
  freshness(mark: string): Promise<StackLatency>;
  /** What a role counts. */
  stats(role: string): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a signal to a role's process. A role killed like this stays down until `start`. */
  kill(role: string, signal: NodeJS.Signals): Promise<void>;
  /** Starts a role that is down; with more environment for this once, e.g. fail points. */
  start(role: string, environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Process ids by role, for measuring. */
  pids(): ReadonlyMap<string, number>;
  /** Lets every role finish what it has in hand, in the order of the data. */
  stop(): Promise<void>;
}

/** In what collectors differ, and the log lines with them. */
export interface CollectorTraits {
  /** What it takes for the address of clients on this machine; null where nobody knows. */
  readonly clientAddress: string | null;
  /** Whether it takes bytes from 0x7f up in a request's target. */
  readonly rawBytesInTarget: boolean;
}

export interface StackLatency {
  readonly events: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface StackTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A look at the pipeline from outside. */
export interface StackProgress {
  /** Records by topic, in the order of the data. On Kafka these are offsets: the markers of transactions count. */
  readonly records: Readonly<Record<string, number>>;
  /** Records that a consumer group has not committed yet, by group. */
  readonly lag: Readonly<Record<string, number>>;
  /** Bytes of the access log that are not in the event log yet. */
  readonly unshippedBytes: number;
}

export interface RoleRestart {
  readonly role: string;
  /** Unix time, ms. */
  readonly at: number;
  readonly how: string;
}
