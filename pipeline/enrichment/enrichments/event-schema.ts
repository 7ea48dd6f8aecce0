import type { Enrichment } from '../types.ts';

/** Vendor and name of the events that have parameters of their own. */
const SCHEMAS: ReadonlyMap<unknown, readonly [vendor: string, name: string]> = new Map([
  ['page_view', ['com.snowplowanalytics.snowplow', 'page_view']],
  ['page_ping', ['com.snowplowanalytics.snowplow', 'page_ping']],
  ['struct', ['com.google.analytics', 'event']],
  ['transaction', ['com.snowplowanalytics.snowplow', 'transaction']],
  ['transaction_item', ['com.snowplowanalytics.snowplow', 'transaction_item']],
] as const);

/** Which schema the event has: of a self-describing one its own, else the one that its type stands for. */
export const eventSchema: Enrichment = ({ event, unstructEvent }) => {
  if (event.event === 'unstruct') {
    if (!unstructEvent) return undefined;
    const { vendor, name, format, version } = unstructEvent.key;
    event.event_vendor = vendor;
    event.event_name = name;
    event.event_format = format;
    event.event_version = version;
    return undefined;
  }
  const schema = SCHEMAS.get(event.event);
  if (!schema) return [{ code: 'no_schema', field: 'event', message: `${event.event} has no schema` }];
  event.event_vendor = schema[0];
  event.event_name = schema[1];
  event.event_format = 'jsonschema';
  event.event_version = '1-0-0';
  return undefined;
};
