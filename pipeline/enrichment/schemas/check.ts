import type { ExactJson } from '../../contracts/json.ts';
import { splitUrl } from '../url.ts';

/** The little of JSON Schema that the known schemas need. */
export type Schema =
  | {
      readonly type: 'string';
      readonly pattern?: RegExp;
      readonly minLength?: number;
      readonly uri?: boolean;
    }
  | {
      readonly type: 'number';
      readonly minimum?: number;
      readonly maximum?: number;
      readonly integer?: boolean;
      readonly nullable?: boolean;
    }
  | { readonly type: 'array'; readonly items: Schema }
  | {
      readonly type: 'object';
      readonly properties: ReadonlyMap<string, Schema>;
      readonly required: readonly string[];
    };

/** How the data departs from the schema: one message a departure, empty where it does not. Objects are closed. */
export function check(data: ExactJson, schema: Schema, path = '$'): string[] {
  switch (schema.type) {
    case 'string':
      if (typeof data !== 'string') return [`${path}: not a string`];
      if (schema.pattern && !schema.pattern.test(data))
        return [`${path}: does not match ${schema.pattern.source}`];
      if (schema.uri && !splitUrl(data)) return [`${path}: not a URI`];
      return data.length < (schema.minLength ?? 0) ? [`${path}: shorter than ${schema.minLength}`] : [];
    case 'number':
      return checkNumber(data, schema, path);
    case 'array':
      if (!Array.isArray(data)) return [`${path}: not a list`];
      return data.flatMap((item, index) => check(item, schema.items, `${path}[${index}]`));
    case 'object': {
      if (data === null || typeof data !== 'object' || Array.isArray(data)) return [`${path}: not an object`];
      const missing = schema.required
        .filter((name) => !Object.hasOwn(data, name))
        .map((name) => `${path}.${name}: is required`);
      const departures = Object.keys(data).flatMap((name) => {
        const property = schema.properties.get(name);
        return property
          ? check(data[name]!, property, `${path}.${name}`)
          : [`${path}.${name}: is not in the schema`];
      });
      return [...missing, ...departures];
    }
  }
}

function checkNumber(data: ExactJson, schema: Schema & { type: 'number' }, path: string): string[] {
  if (data === null && schema.nullable) return [];
  if (typeof data === 'bigint') return schema.maximum === undefined ? [] : [`${path}: out of range`];
  if (typeof data !== 'number') return [`${path}: not a number`];
  if (schema.integer && !Number.isInteger(data)) return [`${path}: not an integer`];
  return data < (schema.minimum ?? data) || data > (schema.maximum ?? data) ? [`${path}: out of range`] : [];
}
