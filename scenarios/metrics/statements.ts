import type { GroupNames } from '../../pipeline/contracts/topics.ts';
import type { Counted } from '../checkers/conservation.ts';
import { inClasses, type WorkerCounters } from './worker-counters.ts';

/** One thing that a process counts, beside what the checker's readers counted of it. */
export interface Statement<Counters = never> {
  /** What is counted: `records read from tracking_raw`. */
  readonly counter: string;
  /** How a process puts it, `#` being the number: `it read # records`. */
  readonly says: string;
  /** How the checker does: `# are in tracking_raw`. */
  readonly found: string;
  readonly own: (counters: Counters) => number | undefined;
  readonly counted: number;
  /** Why the checker's number is not of the same things; the first of them that there is counts. */
  readonly unless: readonly (string | undefined)[];
}

/** What one worker counts, and what it reads. */
export interface WorkerPart {
  readonly stage: string;
  /** Finds its counters among those of the process. */
  readonly of: (stats: Readonly<Record<string, unknown>>) => WorkerCounters | undefined;
  readonly group: string;
  readonly statements: readonly Statement<WorkerCounters>[];
}

/** What the checker counted, and what keeps its numbers from being those of the processes. */
export interface Seen {
  readonly counted: Counted;
  readonly groups: GroupNames;
  /** How many records the checker passed over, by topic. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** What a collector counts. */
export interface CollectorCounters {
  readonly lines?: number;
  readonly unlogged?: number;
  readonly answers?: Readonly<Record<string, number>>;
}

/** What a shipper counts. */
export interface ShipperCounters {
  readonly lines?: number;
  readonly failed?: number;
  readonly errors?: number;
}

export function collectorStatements({ counted }: Seen): Statement<CollectorCounters>[] {
  const { accessLog, ledger } = counted;
  const { acknowledged, refused, unknown } = ledger.answers;
  const unanswered = unknown + ledger.unanswered;
  const alone = [
    unanswered > 0 ? `what ${unanswered} requests were answered nobody knows` : undefined,
    accessLog && others(accessLog.foreign, 'the access log'),
  ];
  const answered = (counters: CollectorCounters, isMeant: (status: number) => boolean) =>
    counters.answers && inClasses({ classes: counters.answers }, (status) => isMeant(Number(status)));
  return [
    ...(accessLog === undefined
      ? []
      : [
          {
            counter: 'lines written to the access log',
            says: 'it wrote # lines to the access log',
            found: '# are there',
            own: ({ lines }: CollectorCounters) => lines,
            counted: total(accessLog),
            unless: [others(accessLog.foreign, 'the access log')],
          },
        ]),
    {
      counter: 'requests acknowledged',
      says: 'it acknowledged # requests',
      found: '# such answers came',
      own: (counters) => answered(counters, (status) => status < 400),
      counted: acknowledged,
      unless: alone,
    },
    {
      counter: 'requests answered with an error',
      says: 'it answered # requests with an error',
      found: '# such answers came',
      own: (counters) => answered(counters, (status) => status >= 400),
      counted: refused - ledger.unreachable,
      unless: alone,
    },
  ];
}

export function shipperStatements(seen: Seen): Statement<ShipperCounters>[] {
  const { raw, names } = seen.counted;
  return [
    {
      counter: `lines shipped to ${names.raw}`,
      says: `it shipped # lines to ${names.raw}`,
      found: '# are there',
      own: ({ lines }) => lines,
      counted: total(raw),
      unless: [others(raw.foreign, names.raw), passedOver(seen, names.raw)],
    },
    failures('shipper', seen, []),
  ];
}

/** Every worker of a pipeline, in the order of the data. */
export function workerParts(seen: Seen): WorkerPart[] {
  const { counted, groups } = seen;
  const { names, raw, hops } = counted;
  const hop = (name: string) => hops.find((one) => one.hop === name)!;
  const processed = hop(names.processed);
  const flattened = hop(names.flattened);
  const persisted = hop(names.persisted);
  const sinks = new Map(hops.map((one) => [one.hop, one]));
  const from = (topic: string, foreign: number) => [others(foreign, topic), passedOver(seen, topic)];
  const ofRaw = from(names.raw, raw.foreign);
  const between = (input: typeof processed, output: typeof processed) => [
    read(input.hop, input.records, from(input.hop, input.foreign)),
    written(output.hop, output.records, from(output.hop, output.foreign)),
  ];
  return [
    {
      stage: 'parser',
      of: ({ parser }) => parser as WorkerCounters | undefined,
      group: groups.parser,
      statements: [
        read(names.raw, total(raw), ofRaw),
        written(names.processed, processed.records, from(names.processed, processed.foreign)),
        failures('parser', seen, ofRaw),
        lines(
          'that it made events of',
          'made events or failures of',
          raw.tracker + raw.unreadable,
          ofRaw,
          (name) => ['processed', 'failed'].includes(name),
        ),
        lines('refused', 'passed over', raw.refused, ofRaw, (name) => name.startsWith('refused')),
        lines('ignored', 'ignored', raw.ignored, ofRaw, (name) => name.startsWith('ignored')),
      ],
    },
    {
      stage: 'flattener',
      of: ({ flattener }) => flattener as WorkerCounters | undefined,
      group: groups.flattener,
      statements: [
        ...between(processed, flattened),
        failures('flattener', seen, from(names.processed, processed.foreign)),
      ],
    },
    {
      stage: 'persister',
      of: ({ persister }) => persister as WorkerCounters | undefined,
      group: groups.persister,
      statements: [
        ...between(flattened, persisted),
        failures('persister', seen, from(names.flattened, flattened.foreign)),
        {
          counter: 'repeats left out',
          says: 'it left out # repeats',
          found: `# are in ${names.flattened}`,
          own: (counters) => inClasses(counters, (name) => name === 'repeat' || name === 'retry'),
          counted: persisted.repeats,
          unless: from(names.flattened, flattened.foreign),
        },
      ],
    },
    ...(['ClickHouse', 'Elasticsearch'] as const).flatMap((sink): WorkerPart[] => {
      const found = sinks.get(sink);
      if (found === undefined) return [];
      const stage = `${sink.toLowerCase()}-sink`;
      const input = from(names.persisted, persisted.foreign);
      const word = sink === 'ClickHouse' ? 'inserted' : 'indexed';
      return [
        {
          stage,
          of: (stats) => countersIn(stats[stage], sink === 'ClickHouse' ? 'events' : undefined),
          group: sink === 'ClickHouse' ? groups.clickhouse : groups.elasticsearch,
          statements: [
            read(names.persisted, persisted.records, input),
            {
              counter: `events ${word}`,
              says: `it ${word} # events`,
              found: `# are in ${sink}`,
              own: (counters) => inClasses(counters, (name) => name === word),
              counted: found.records,
              unless: [found.read ? undefined : `${sink} could not be read`, ...input],
            },
            failures(sink.toLowerCase(), seen, input),
          ],
        },
      ];
    }),
    ...(sinks.has('ClickHouse')
      ? [
          {
            stage: 'clickhouse-sink',
            of: (stats: Readonly<Record<string, unknown>>) => countersIn(stats['clickhouse-sink'], 'failed'),
            group: groups.clickhouseFailed,
            statements: [
              read(names.failed, counted.failed.records, from(names.failed, counted.failed.foreign)),
            ],
          },
        ]
      : []),
  ];
}

function read(topic: string, counted: number, unless: Statement['unless']): Statement<WorkerCounters> {
  return {
    counter: `records read from ${topic}`,
    says: `it read # records of ${topic}`,
    found: '# are there',
    own: ({ records }) => records,
    counted,
    unless,
  };
}

function written(topic: string, counted: number, unless: Statement['unless']): Statement<WorkerCounters> {
  return {
    counter: `records written to ${topic}`,
    says: `it wrote # records to ${topic}`,
    found: '# are there',
    own: ({ outputs }) => outputs,
    counted,
    unless,
  };
}

/** @param by what failures call the stage */
function failures(
  by: string,
  seen: Seen,
  unless: Statement['unless'],
): Statement<{ readonly failed?: number }> {
  const { names, failed, failedBy } = seen.counted;
  return {
    counter: `failures written to ${names.failed}`,
    says: `it wrote # failures to ${names.failed}`,
    found: '# of its failures are there',
    own: (counters) => counters.failed,
    counted: failedBy.get(by) ?? 0,
    unless: [...unless, others(failed.foreign, names.failed), passedOver(seen, names.failed)],
  };
}

function lines(
  what: string,
  did: string,
  counted: number,
  unless: Statement['unless'],
  isMeant: (name: string) => boolean,
): Statement<WorkerCounters> {
  return {
    counter: `lines ${what}`,
    says: `it ${did} # lines`,
    found: 'there are #',
    own: (counters) => inClasses(counters, isMeant),
    counted,
    unless,
  };
}

function others(foreign: number, where: string): string | undefined {
  return foreign > 0 ? `there is traffic of others in ${where}` : undefined;
}

function passedOver({ leftOut }: Seen, topic: string): string | undefined {
  const records = leftOut.get(topic) ?? 0;
  return records > 0
    ? `${records} records in ${topic} were written on purpose or came of that, and are not counted`
    : undefined;
}

function total({ tracker, refused, ignored, unreadable }: Counted['raw']): number {
  return tracker + refused + ignored + unreadable;
}

function countersIn(stats: unknown, part: string | undefined): WorkerCounters | undefined {
  if (part === undefined) return stats as WorkerCounters | undefined;
  return (stats as Readonly<Record<string, WorkerCounters>> | undefined)?.[part];
}
