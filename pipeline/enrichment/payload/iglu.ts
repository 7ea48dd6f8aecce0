import { parseSchemaKey } from '../../contracts/schema-namespace.ts';
import { WRAPPER_SCHEMAS } from '../self-describing.ts';
import type { Parameters } from '../types.ts';
import { type Payload, refusePayload } from './payload.ts';

/** Parameters that keep their meaning; every other one is a property of the event. */
const TRACKER_PARAMETERS: ReadonlySet<string> = new Set(['nuid', 'aid', 'cv', 'eid', 'ttm', 'url', 'p']);

/** `GET /com.snowplowanalytics.iglu/v1?schema=…`: one self-describing event, its data given as parameters. */
export function igluParameters(query: Parameters): Payload {
  const schema = query.get('schema');
  if (!schema) return refusePayload('missing_parameter', 'schema', 'names the schema of the event');
  if (!parseSchemaKey(schema)) return refusePayload('invalid_schema', 'schema', 'not an Iglu URI');
  const parameters = new Map([
    ['tv', 'com.snowplowanalytics.iglu-v1'],
    ['e', 'ue'],
    ['p', 'app'],
  ]);
  const data: [string, string][] = [];
  for (const [name, value] of query) {
    if (TRACKER_PARAMETERS.has(name)) parameters.set(name, value);
    else if (name !== 'schema') data.push([name, value]);
  }
  // Object.fromEntries defines properties: a parameter `__proto__` stays data.
  const event = { schema: WRAPPER_SCHEMAS.unstruct_event, data: { schema, data: Object.fromEntries(data) } };
  parameters.set('ue_pr', JSON.stringify(event));
  return { events: [{ parameters }] };
}
