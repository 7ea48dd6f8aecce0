import { type ExactJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatScalar, FlatValue } from '../../pipeline/contracts/messages.ts';
import { conforms } from './known-schemas.ts';
import { FlatNames } from './names.ts';

const SCHEMA_URI = /^iglu:([a-zA-Z0-9-_.]+)\/([a-zA-Z0-9-_]+)\/([a-zA-Z0-9-_]+)\/([0-9]+)-([0-9]+)-([0-9]+)$/;
const CONTEXTS = /^iglu:com\.snowplowanalytics\.snowplow\/contexts\/jsonschema\/1-0-[0-9]+$/;
const UNSTRUCT = /^iglu:com\.snowplowanalytics\.snowplow\/unstruct_event\/jsonschema\/1-0-[0-9]+$/;

/** A self-describing entity: an event or a context. */
export interface Entity {
  readonly vendor: string;
  readonly name: string;
  readonly format: string;
  readonly version: string;
  /** What its values are filed under, e.g. `com_snowplowanalytics_snowplow_web_page_1`. */
  readonly namespace: string;
  readonly names: FlatNames;
  /** False for a context. */
  readonly isEvent: boolean;
  readonly data: ExactJson;
}

/** The entities of a `contexts` document; null where it is malformed. */
export function readContexts(document: ExactJson): Entity[] | null {
  const outer = dataOf(document, CONTEXTS);
  if (outer === undefined || !Array.isArray(outer) || outer.length === 0) return null;
  const entities = outer.map((value) => readEntity(value, false));
  return entities.includes(null) ? null : (entities as Entity[]);
}

/** The event inside an `unstruct_event` document; null where it is malformed. */
export function readUnstruct(document: ExactJson): Entity | null {
  const outer = dataOf(document, UNSTRUCT);
  return outer === undefined ? null : readEntity(outer, true);
}

/** The JSON text behind base64, of the URL alphabet or the ordinary one, with padding or without. */
export function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8');
}

function isObject(value: ExactJson | undefined): value is { [name: string]: ExactJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dataOf(document: ExactJson, schema: RegExp): ExactJson | undefined {
  return isObject(document) && typeof document.schema === 'string' && schema.test(document.schema)
    ? document.data
    : undefined;
}

function readEntity(value: ExactJson, isEvent: boolean): Entity | null {
  if (!isObject(value) || typeof value.schema !== 'string' || !('data' in value)) return null;
  const schema = describeSchema(value.schema);
  return schema === null || !conforms(value.schema, value.data!)
    ? null
    : { ...schema, isEvent, data: value.data! };
}

type Schema = Omit<Entity, 'data' | 'isEvent'>;

const MAX_KNOWN_SCHEMAS = 1_000;
const known = new Map<string, Schema | null>();

/** Schemas are few and repeat: what has been taken apart once is kept, up to a bound. */
function describeSchema(uri: string): Schema | null {
  const found = known.get(uri);
  if (found !== undefined) return found;
  const match = SCHEMA_URI.exec(uri);
  const namespace = match && `${snakeCase(match[1]!)}_${snakeCase(match[2]!)}_${match[4]}`;
  const schema = match && {
    vendor: match[1]!,
    name: match[2]!,
    format: match[3]!,
    version: `${match[4]}-${match[5]}-${match[6]}`,
    namespace: namespace!,
    names: new FlatNames(namespace!),
  };
  if (known.size >= MAX_KNOWN_SCHEMAS) known.clear();
  known.set(uri, schema);
  return schema;
}

function snakeCase(name: string): string {
  return name
    .replace(/[^a-zA-Z0-9]/g, '_')
    .replace(/([^A-Z_])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * The flattened values of an event's entities, into `fields`: nulls are dropped, what is no scalar and no list of scalars
 * is JSON text, data that is no object is one value named `value`. Values of several entities of one schema become lists
 * in their order, each entity one entry.
 */
export function flattenEntities(entities: readonly Entity[], fields: Record<string, FlatValue>): void {
  let lists: Set<string> | undefined;
  for (const { names, data } of entities) {
    const values = isObject(data) ? data : { value: data };
    for (const name in values) {
      const value = values[name]!;
      if (value === null) continue;
      const key = names.of(name);
      const earlier = fields[key];
      if (earlier === undefined) fields[key] = flat(value);
      else if (lists?.has(key)) (earlier as FlatScalar[]).push(entry(flat(value)));
      else {
        lists ??= new Set();
        lists.add(key);
        fields[key] = [entry(earlier), entry(flat(value))];
      }
    }
  }
}

function flat(value: Exclude<ExactJson, null>): FlatValue {
  if (typeof value !== 'object') return value;
  return Array.isArray(value) && value.every((part) => typeof part !== 'object' || part === null)
    ? (value as FlatScalar[])
    : stringifyJson(value);
}

function entry(value: FlatValue): FlatScalar {
  return Array.isArray(value) ? stringifyJson(value) : value;
}
