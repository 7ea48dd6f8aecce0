import type { ExactJson } from '../contracts/json.ts';
import type { FailureError } from '../contracts/messages.ts';
import { parseSchemaKey, type SchemaKey } from '../contracts/schema-namespace.ts';
import { Lru } from './lru.ts';
import { violations } from './schemas/known.ts';
import type { Entity } from './types.ts';

/** `{schema, data}` and nothing else; null where the JSON is not so. */
export function readSelfDescribing(json: ExactJson): Entity | null {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  const { schema, data } = json;
  if (typeof schema !== 'string' || data === undefined) return null;
  let key = keys.get(schema);
  if (!key) {
    const parsed = parseSchemaKey(schema);
    if (!parsed) return null;
    key = parsed;
    keys.set(schema, key);
  }
  return { schema, key, data };
}

/** Schema keys by URI: a site has few schemas, and each event several of them. */
const keys = new Lru<SchemaKey>(1000);

/** What stands around self-describing events and contexts. */
export type Wrapper = 'contexts' | 'unstruct_event';

/** The URIs under which wrapped JSON is written. */
export const WRAPPER_SCHEMAS: Readonly<Record<Wrapper, string>> = {
  contexts: 'iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0',
  unstruct_event: 'iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0',
};

/** What is in the wrapper of that kind (any 1-0-x), or why it is none. */
export function unwrap(json: ExactJson, wrapper: Wrapper): { data: ExactJson } | { error: FailureError } {
  const outer = readSelfDescribing(json);
  if (!outer)
    return { error: { code: 'not_self_describing', field: wrapper, message: 'no schema and data' } };
  const { key } = outer;
  const fits =
    key.vendor === 'com.snowplowanalytics.snowplow' && key.name === wrapper && key.version.startsWith('1-0-');
  if (fits) return { data: outer.data };
  return {
    error: { code: 'wrong_schema', field: wrapper, message: `${outer.schema} where ${wrapper} belongs` },
  };
}

/** Enough to see what is wrong. */
const MOST_ERRORS = 20;

/**
 * Reads one self-describing entity and checks it against its schema where that is known here.
 *
 * @param unknown what becomes of an entity whose schema is not
 */
export function readEntity(
  json: ExactJson,
  field: Wrapper,
  unknown: 'accept' | 'refuse',
): { entity: Entity } | { errors: readonly FailureError[] } {
  const inner = readSelfDescribing(json);
  if (!inner || Object.keys(json as object).length > 2) {
    return {
      errors: [{ code: 'not_self_describing', field, message: 'no schema and data, or more than these' }],
    };
  }
  const found = violations(inner.schema, inner.data);
  if (found === null && unknown === 'refuse') {
    return { errors: [{ code: 'unknown_schema', field, message: `${inner.schema} is not known` }] };
  }
  if (found && found.length > 0) {
    return {
      errors: found
        .slice(0, MOST_ERRORS)
        .map((message) => ({ code: 'schema_violation', field: inner.schema, message })),
    };
  }
  return { entity: inner };
}
