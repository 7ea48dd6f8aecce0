import type { ExactJson } from '../../pipeline/contracts/json.ts';

type Check = (value: ExactJson) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isUuidLike: Check = (value) =>
  typeof value === 'string' && /^[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}$/.test(value);
const isFilled: Check = (value) => typeof value === 'string' && value !== '';
const within =
  (limit: number): Check =>
  (value) =>
    typeof value === 'number' && value >= -limit && value <= limit;
const isMeasure: Check = (value) => value === null || typeof value === 'number' || typeof value === 'bigint';
const isWhole: Check = (value) => value === null || typeof value === 'bigint' || Number.isInteger(value);

interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}

const link = { elementId: isText, elementClasses: isTexts, elementTarget: isText };
const snowplow = 'iglu:com.snowplowanalytics.snowplow';

/** The schemas that the pipeline knows and checks; data of others is taken as it is. Nothing beyond the shape is allowed. */
const SHAPES: Readonly<Record<string, Shape>> = {
  [`${snowplow}/web_page/jsonschema/1-0-0`]: { required: { id: isUuidLike }, optional: {} },
  [`${snowplow}/link_click/jsonschema/1-0-0`]: { required: { targetUrl: isFilled }, optional: link },
  [`${snowplow}/link_click/jsonschema/1-0-1`]: {
    required: { targetUrl: isFilled },
    optional: { ...link, elementContent: isText },
  },
  [`${snowplow}/geolocation_context/jsonschema/1-1-0`]: {
    required: { latitude: within(90), longitude: within(180) },
    optional: {
      latitudeLongitudeAccuracy: isMeasure,
      altitude: isMeasure,
      altitudeAccuracy: isMeasure,
      bearing: isMeasure,
      speed: isMeasure,
      timestamp: isWhole,
    },
  },
};

/** Whether data is as its schema says, where the schema is known. */
export function conforms(schema: string, data: ExactJson): boolean {
  if (!Object.hasOwn(SHAPES, schema)) return true;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const { required, optional } = SHAPES[schema]!;
  for (const name in required) if (!Object.hasOwn(data, name)) return false;
  for (const name of Object.keys(data)) {
    const check = Object.hasOwn(required, name)
      ? required[name]
      : Object.hasOwn(optional, name)
        ? optional[name]
        : undefined;
    if (check === undefined || !check(data[name]!)) return false;
  }
  return true;
}
