import type { ExactJson } from './json.ts';
import type { NamedValue } from './messages.ts';

/** The parts of `iglu:com.acme/product_view/jsonschema/1-0-2`. */
export interface SchemaKey {
  readonly vendor: string;
  readonly name: string;
  readonly format: string;
  /** `1-0-2`: model, revision, addition. */
  readonly version: string;
}

const SCHEMA_KEY = /^iglu:([\w.-]+)\/([\w-]+)\/([\w-]+)\/(\d+-\d+-\d+)$/;

/** Reads an Iglu URI; null where the text is none. */
export function parseSchemaKey(uri: string): SchemaKey | null {
  const match = SCHEMA_KEY.exec(uri);
  return match && { vendor: match[1]!, name: match[2]!, format: match[3]!, version: match[4]! };
}

/**
 * The namespace under which a self-describing event or context is carried: vendor, name and model, camelCase
 * taken apart, lower case, everything else an underscore. It ends with a number, which no fixed namespace does.
 *
 * @example
 * schemaNamespace(parseSchemaKey('iglu:org.w3/PerformanceNavigationTiming/jsonschema/1-0-0')!)
 * // 'org_w3_performance_navigation_timing_1'
 */
export function schemaNamespace({ vendor, name, version }: SchemaKey): string {
  const model = version.slice(0, version.indexOf('-'));
  return `${snakeCase(vendor)}_${snakeCase(name)}_${model}`;
}

function snakeCase(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]/g, '_')
    .toLowerCase();
}

/**
 * The named values of one entity: each top-level property of its data; data that is no object is one value
 * named `value`.
 */
export function entityValues(data: ExactJson): NamedValue[] {
  if (data === null || typeof data !== 'object' || Array.isArray(data))
    return [{ name: 'value', value: data }];
  return Object.keys(data).map((name) => ({ name, value: data[name]! }));
}
