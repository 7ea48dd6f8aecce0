import type { ExactJson } from '../../contracts/json.ts';
import { check, type Schema } from './check.ts';

const text: Schema = { type: 'string' };
const target: Schema = { type: 'string', minLength: 1 };
const measure: Schema = { type: 'number', nullable: true };

function object(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: 'object', properties: new Map(Object.entries(properties)), required };
}

const linkClick = {
  elementId: text,
  elementClasses: { type: 'array', items: text },
  elementTarget: text,
  targetUrl: target,
} as const;

const snowplow = 'iglu:com.snowplowanalytics.snowplow';

/** The schemas that are checked. Others are taken as they are, or refused: see the setting `unknownSchemas`. */
const KNOWN: ReadonlyMap<string, Schema> = new Map([
  [
    `${snowplow}/web_page/jsonschema/1-0-0`,
    object({ id: { type: 'string', pattern: /^[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}$/ } }, [
      'id',
    ]),
  ],
  [`${snowplow}/link_click/jsonschema/1-0-0`, object(linkClick, ['targetUrl'])],
  [`${snowplow}/link_click/jsonschema/1-0-1`, object({ ...linkClick, elementContent: text }, ['targetUrl'])],
  [`${snowplow}/uri_redirect/jsonschema/1-0-0`, object({ uri: { type: 'string', uri: true } }, ['uri'])],
  [
    `${snowplow}/geolocation_context/jsonschema/1-1-0`,
    object(
      {
        latitude: { type: 'number', minimum: -90, maximum: 90 },
        longitude: { type: 'number', minimum: -180, maximum: 180 },
        latitudeLongitudeAccuracy: measure,
        altitude: measure,
        altitudeAccuracy: measure,
        bearing: measure,
        speed: measure,
        timestamp: { type: 'number', integer: true, nullable: true },
      },
      ['latitude', 'longitude'],
    ),
  ],
]);

/** How the data departs from the schema; null where the schema is not known here. */
export function violations(schema: string, data: ExactJson): string[] | null {
  const known = KNOWN.get(schema);
  return known ? check(data, known) : null;
}
