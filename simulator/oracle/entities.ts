import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';
import type { FlatScalar, FlatValue } from '../../pipeline/contracts/messages.ts';

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
  /** False for a context. */
  readonly isEvent: boolean;
  readonly data: ExactJson;
}

/** The entities of a `contexts` document; null where it is malformed. */
export function readContexts(json: string): Entity[] | null {
  const outer = parseOuter(json, CONTEXTS);
  if (outer === undefined || !Array.isArray(outer) || outer.length === 0) return null;
  const entities = outer.map((value) => readEntity(value, false));
  return entities.includes(null) ? null : (entities as Entity[]);
}

/** The event inside an `unstruct_event` document; null where it is malformed. */
export function readUnstruct(json: string): Entity | null {
  const outer = parseOuter(json, UNSTRUCT);
  return outer === undefined ? null : readEntity(outer, true);
}

/** The JSON text behind base64, of the URL alphabet or the ordinary one, with padding or without. */
export function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8');
}

function isObject(value: ExactJson | undefined): value is { [name: string]: ExactJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseOuter(json: string, schema: RegExp): ExactJson | undefined {
  let outer: ExactJson;
  try {
    outer = parseJson(json);
  } catch {
    return undefined;
  }
  return isObject(outer) && typeof outer.schema === 'string' && schema.test(outer.schema) ? outer.data : undefined;
}

function readEntity(value: ExactJson, isEvent: boolean): Entity | null {
  if (!isObject(value) || typeof value.schema !== 'string' || !('data' in value)) return null;
  const schema = describeSchema(value.schema);
  return schema === null ? null : { ...schema, isEvent, data: value.data! };
}

type Schema = Omit<Entity, 'data' | 'isEvent'>;

const MAX_KNOWN_SCHEMAS = 10_000;
const known = new Map<string, Schema | null>();

/** Schemas are few and repeat: what has been taken apart once is kept, up to a bound. */
function describeSchema(uri: string): Schema | null {
  const found = known.get(uri);
  if (found !== undefined) return found;
  const match = SCHEMA_URI.exec(uri);
  const schema = match && {
    vendor: match[1]!,
    name: match[2]!,
    format: match[3]!,
    version: `${match[4]}-${match[5]}-${match[6]}`,
    namespace: `${snakeCase(match[1]!)}_${snakeCase(match[2]!)}_${match[4]}`,
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
 * The flattened values of an event's entities, into `fields`. Values of several entities of one schema become lists in
 * their order. Not stated: data that is no object, and lists in which scalars cannot be told from the rest.
 */
export function flattenEntities(entities: readonly Entity[], fields: Record<string, FlatValue>): void {
  const seen = new Map<string, number>();
  for (const { namespace } of entities) seen.set(namespace, (seen.get(namespace) ?? 0) + 1);
  for (const [namespace, count] of seen) {
    if (count === 1) flattenOne(entities.find((entity) => entity.namespace === namespace)!, fields);
    else flattenSeveral(namespace, entities.filter((entity) => entity.namespace === namespace), fields);
  }
}

function flattenOne({ namespace, data }: Entity, fields: Record<string, FlatValue>): void {
  if (!isObject(data)) return;
  for (const name in data) {
    const value = data[name]!;
    if (value === null) continue;
    if (isScalar(value)) fields[`${namespace}-${name}`] = value;
    else if (!Array.isArray(value)) fields[`${namespace}-${name}`] = jsonText(value);
    else if (value.length === 0) continue;
    else if (value.every(isScalar)) fields[`${namespace}-${name}`] = value;
    else if (value.every(isObject)) fields[`${namespace}-${name}`] = jsonText(value);
  }
}

function flattenSeveral(namespace: string, entities: Entity[], fields: Record<string, FlatValue>): void {
  const lists = new Map<string, FlatScalar[] | null>();
  for (const { data } of entities) {
    if (!isObject(data)) return;
    for (const name in data) {
      const value = data[name]!;
      if (value === null) continue;
      const list = lists.get(name);
      if (list === null || !isScalar(value)) lists.set(name, null);
      else if (list) list.push(value);
      else lists.set(name, [value]);
    }
  }
  for (const [name, list] of lists) if (list && list.length > 1) fields[`${namespace}-${name}`] = list;
}

function isScalar(value: ExactJson): value is string | number | bigint | boolean {
  return typeof value !== 'object';
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

function jsonText(value: ExactJson): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? rawJSON(part.toString()) : part));
}
