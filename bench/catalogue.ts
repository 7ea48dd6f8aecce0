/** All benchmarks in the order in which they are run, each in a line. */
export const CATALOGUE = {
  enrichment: 'the enrichment alone: the pure function, and with the text of lines in and of events out',
  simulator: 'the simulator alone: planned requests, not sent',
  collector: 'the collector alone: keep-alive GETs of a real tracker URL, each with its line written',
  shipper: 'the shipper alone: a file of lines into the embedded event log; and into Kafka, beside Filebeat',
  comparison: 'the comparison of the checker alone: 10 million events at four hops, and its memory',
  'hop-rates': 'each stage and sink alone, from a full topic of Kafka to its end',
  'start-up': 'how long the stacks take to start, and what takes how long',
  'end-to-end': 'the whole embedded stack: the highest rate it sustains with nothing lost, and its memory',
  containers: 'the same on the containers’ stack: Kafka, Redis, Elasticsearch, ClickHouse',
} as const;

export type BenchmarkName = keyof typeof CATALOGUE;

/** Those that cannot be run without a container engine. */
export const NEED_AN_ENGINE: readonly BenchmarkName[] = ['hop-rates', 'start-up', 'containers'];
