import type { GroupNames, TopicNames } from '../pipeline/contracts/topics.ts';
import type { PartitionEnds } from '../pipeline/log/port.ts';
import type {
  ClickHouseConnection,
  ElasticsearchConnection,
  KafkaConnection,
  RedisConnection,
} from './connections.ts';

/** Where traffic is sent, and what is seen from there of what lies behind. */
export interface Target {
  readonly kind: 'embedded' | 'containers' | 'external';
  /** What is real, what stands in for what, and the command that gets the real one. */
  readonly description: readonly string[];
  readonly collectorUrl: string;
  readonly collector: CollectorTraits;
  /** How often a role ended unexpectedly and was started again. */
  readonly restarts: readonly RoleRestart[];
  /** How far the data has come. */
  progress(): Promise<StackProgress>;
  /** What an analyst sees of one run's traffic: top pages, referrers and campaigns. Empty without ClickHouse. */
  tables(mark: string): Promise<StackTable[]>;
  /** How long one run's events took from the collector to ClickHouse, ms. Undefined without it. */
  freshness(mark: string): Promise<StackLatency | undefined>;
  /** Process ids by role, for measuring. */
  pids(): ReadonlyMap<string, number>;
  /** What its servers have used, by name, as far as the engine that runs them tells. Undefined where it has none of its own. */
  serverUsage?(): Promise<ReadonlyMap<string, ServerUsage>>;
  /** Lets every role finish what it has in hand, in the order of the data. */
  stop(): Promise<void>;
}

/** A pipeline of this project's that runs, and where to reach its parts. Pipeline code does not know which kind it is in. */
export interface Stack extends Target {
  readonly eventLog:
    | { readonly kind: 'embedded'; readonly path: string }
    | ({ readonly kind: 'kafka' } & KafkaConnection);
  readonly topics: TopicNames;
  readonly groups: GroupNames;
  /** Undefined where they cannot be read. */
  readonly profiles?:
    | { readonly kind: 'sqlite'; readonly path: string }
    | ({ readonly kind: 'redis' } & RedisConnection)
    | undefined;
  /** Undefined where it is off. */
  readonly clickhouse?: ClickHouseConnection | undefined;
  /** Undefined where it is off. */
  readonly elasticsearch?: ElasticsearchConnection | undefined;
  /** The access log's live file; rotated ones stand beside it. Undefined where it cannot be read. */
  readonly accessLog?: string | undefined;
  /** A request can have its answer before its line is in the access log, as with Nginx. */
  readonly answersBeforeLogging?: boolean | undefined;
  /** Who reads what, in the order of the data. */
  readonly readings: readonly TopicReading[];
  /** Where a topic's partitions end now. */
  ends(topic: string): Promise<readonly PartitionEnds[]>;
  /** How many records a group has not come to yet, before these ends. */
  lag(reading: TopicReading, upTo: readonly PartitionEnds[]): Promise<number>;
  /** What a role counts. Undefined where its process is somebody else's. */
  stats(role: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** What its processes are called, to be named in faults; empty where they are somebody else's. */
  readonly roles: readonly string[];
}

/** In what collectors differ, and the log lines with them. */
export interface CollectorTraits {
  /** What it takes for the address of clients on this machine; null where nobody knows. */
  readonly clientAddress: string | null;
  /** Whether it takes bytes from 0x7f up in a request's target. */
  readonly rawBytesInTarget: boolean;
}

export interface ServerUsage {
  readonly cpuSeconds: number;
  /** What it has now, bytes, without file caches that can be given back. */
  readonly memoryBytes: number;
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

/** A consumer group, and what it reads. */
export interface TopicReading {
  readonly group: string;
  readonly topic: string;
}

/** A look at the pipeline from outside. */
export interface StackProgress {
  /** Records by topic, in the order of the data. On Kafka these are offsets: the markers of transactions count. */
  readonly records: Readonly<Record<string, number>>;
  /** Records that a consumer group has not committed yet, by group. */
  readonly lag: Readonly<Record<string, number>>;
  /** The same by topic, of its slowest reader. */
  readonly behind: Readonly<Record<string, number>>;
  /** Bytes of the access log that are not in the event log yet. */
  readonly unshippedBytes: number;
}

export interface RoleRestart {
  readonly role: string;
  /** Unix time, ms. */
  readonly at: number;
  readonly how: string;
}
