import type { AccessLogLine } from '../contracts/access-log.ts';
import type { ExactJson } from '../contracts/json.ts';
import type { NamedValue, ProcessedMessage } from '../contracts/messages.ts';
import { entityValues, schemaNamespace } from '../contracts/schema-namespace.ts';
import { Lru } from './lru.ts';
import type { LogPosition } from './raw-record.ts';
import type { AtomicEvent, EnrichedEvent, Entity } from './types.ts';

/** Where a raw record came from. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix time, ms. */
  readonly timestamp: number;
  readonly key: string | null;
}

/** What all events of one line have in common. */
export interface LineOrigin {
  readonly record: RecordPosition;
  readonly log: LogPosition;
  readonly line: AccessLogLine;
  /** What became of the line: so many events, and so many failures. */
  readonly outcomes: { readonly events: number; readonly failures: number };
}

/**
 * The message of `tracking_processed` for one event. It has the body of its request where that is its own; in a batch a copy of
 * the whole in each event would grow with the square of the batch, and what is the event's own is in `query`.
 */
export function toProcessed(
  enriched: EnrichedEvent,
  { record, log, line, outcomes }: LineOrigin,
): ProcessedMessage {
  const { topic, partition, offset, timestamp, key } = record;
  const message: ProcessedMessage = {
    kafka_raw: named({ topic, partition, offset, timestamp, key, index: enriched.index }),
    log: named({ path: log.path, offset: log.offset }),
    request: requestValues(line, outcomes.events + outcomes.failures <= 1),
    query: Array.from(enriched.parameters, ([name, value]) => ({ name, value })),
    event: named(enriched.event),
  };
  for (const entity of enriched.contexts) addEntity(message, entity);
  for (const entity of enriched.derivedContexts) addEntity(message, entity);
  if (enriched.unstructEvent) addEntity(message, enriched.unstructEvent);
  return message;
}

/** The fields of the line that are not empty. */
export function requestValues(line: AccessLogLine, withBody: boolean): NamedValue[] {
  const values: NamedValue[] = [];
  for (const name of Object.keys(line)) {
    const value = (line as Readonly<Record<string, string>>)[name]!;
    if (value !== '' && (withBody || name !== 'request_body')) values.push({ name, value });
  }
  return values;
}

/** Namespaces by schema: a site has few schemas, and each event several of them. */
const namespaces = new Lru<string>(1000);

/** A schema's namespace ends with a number, so it can be none of the fixed ones, nor `__proto__`. */
function addEntity(message: ProcessedMessage, entity: Entity): void {
  let namespace = namespaces.get(entity.schema);
  if (namespace === undefined) {
    namespace = schemaNamespace(entity.key);
    namespaces.set(entity.schema, namespace);
  }
  const values = entityValues(entity.data);
  const present = message[namespace];
  if (present) for (const value of values) present.push(value);
  else message[namespace] = values;
}

function named(object: AtomicEvent | Readonly<Record<string, ExactJson | undefined>>): NamedValue[] {
  const values: NamedValue[] = [];
  for (const name in object) {
    const value = object[name];
    if (value !== undefined && value !== null) values.push({ name, value });
  }
  return values;
}
