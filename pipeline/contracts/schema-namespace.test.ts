import { expect, test } from 'vitest';
import { entityValues, parseSchemaKey, schemaNamespace } from './schema-namespace.ts';

test.each([
  [
    'iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0',
    'com_snowplowanalytics_snowplow_web_page_1',
  ],
  ['iglu:org.w3/PerformanceNavigationTiming/jsonschema/1-0-0', 'org_w3_performance_navigation_timing_1'],
  ['iglu:com.Acme-Shop/addToCart/jsonschema/12-3-4', 'com_acme_shop_add_to_cart_12'],
])('%s is carried as %s', (uri, namespace) => {
  expect(schemaNamespace(parseSchemaKey(uri)!)).toBe(namespace);
});

test.each([
  '',
  'com.acme/x/jsonschema/1-0-0',
  'iglu:com.acme/x/jsonschema/1-0',
  'iglu:a b/x/jsonschema/1-0-0',
])('"%s" is no schema key', (uri) => expect(parseSchemaKey(uri)).toBeNull());

test('each top-level property is one value, hostile names included', () => {
  const data = JSON.parse('{"__proto__": 1, "constructor": {"a": 2}}');
  expect(entityValues(data)).toEqual([
    { name: '__proto__', value: 1 },
    { name: 'constructor', value: { a: 2 } },
  ]);
  expect(entityValues([1])).toEqual([{ name: 'value', value: [1] }]);
});
