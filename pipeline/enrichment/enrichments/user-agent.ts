import { parseSchemaKey } from '../../contracts/schema-namespace.ts';
import type { Enrichment, Resources } from '../types.ts';

const SCHEMA = 'iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0';
const KEY = parseSchemaKey(SCHEMA)!;

/** Browser, system and device by uap-core's rules, as a derived context. */
export function userAgent({ parseUserAgent }: Resources): Enrichment {
  return ({ event, derivedContexts }) => {
    if (typeof event.useragent !== 'string') return undefined;
    derivedContexts.push({ schema: SCHEMA, key: KEY, data: { ...parseUserAgent(event.useragent) } });
    return undefined;
  };
}
