import type { estypes } from '@elastic/elasticsearch';
import { ATOMIC_COLUMNS, type ColumnKind } from '../clickhouse/atomic-columns.ts';

/** The version of settings and mappings below, kept in the template and in every index made by it. */
export const SCHEMA_VERSION = 1;

/**
 * The longest text that can be searched, in characters: four bytes each come to the 32,766 that Lucene takes in a term.
 * Longer ones are stored only.
 */
const LONGEST_TERM = 8_191;

const KEYWORD = { type: 'keyword', ignore_above: LONGEST_TERM } as const;
/** Stored, and neither searched nor counted: what came in as received, up to megabytes of it. */
const STORED = { type: 'keyword', index: false, doc_values: false } as const;

const TYPES: Readonly<Record<ColumnKind, estypes.MappingProperty>> = {
  text: KEYWORD,
  integer: { type: 'long', coerce: false },
  number: { type: 'double' },
  flag: { type: 'boolean' },
  instant: { type: 'date' },
};

/** Texts of any length that nobody looks up by value. */
const BODIES = [
  ...['request-query_string', 'request-request_body', 'request-cookies'],
  ...['query-cx', 'query-co', 'query-ue_px', 'query-ue_pr', 'query-data'],
  ...['event-contexts', 'event-derived_contexts', 'event-unstruct_event'],
];

/** Fields that every event has, mapped before anybody else's names can use up the room. */
const COMMON = [
  ...['kafka_raw-topic', 'kafka_raw-key', 'log-path', 'request-host', 'request-method', 'request-uri'],
  ...['request-status', 'request-request_id', 'request-user_agent', 'request-remote_addr', 'request-referer'],
  'event-original_event_id',
];

/**
 * Mappings that no event of the pipeline is refused by:
 * - names are taken as they are: a dot in one is part of it (`subobjects: false`);
 * - a value that does not fit its field is stored, and not searched there (`ignore_malformed`, `ignore_above`);
 * - so is a value under a name beyond the limit of fields;
 * - no text is taken for a date or a number, and every number of a field that is not known is a double: the first value seen
 *   does not decide what the next may be.
 */
export function mappings(): estypes.MappingTypeMapping {
  const properties: Record<string, estypes.MappingProperty> = {};
  for (const name of COMMON) properties[name] = KEYWORD;
  for (const [name, kind] of ATOMIC_COLUMNS) properties[`event-${name}`] = TYPES[kind];
  for (const name of BODIES) properties[name] = STORED;
  return {
    _meta: { clickproof: SCHEMA_VERSION },
    date_detection: false,
    numeric_detection: false,
    dynamic_templates: [
      { texts: { match_mapping_type: 'string', mapping: KEYWORD } },
      { wholes: { match_mapping_type: 'long', mapping: { type: 'double' } } },
      { numbers: { match_mapping_type: 'double', mapping: { type: 'double' } } },
      { flags: { match_mapping_type: 'boolean', mapping: { type: 'boolean' } } },
    ],
    properties: {
      '@timestamp': { type: 'date' },
      tracking: { type: 'object', subobjects: false, properties },
    },
  };
}

/** How a field is mapped whose values are of several kinds. */
export function mixedField(names: readonly string[]) {
  return {
    properties: {
      tracking: {
        type: 'object',
        subobjects: false,
        properties: Object.fromEntries(names.map((name) => [name, KEYWORD])),
      },
    },
  } as const;
}

/** Settings of every index; replicas where there are nodes for them. */
export function indexSettings(fields: number) {
  return {
    'index.number_of_shards': 1,
    'index.auto_expand_replicas': '0-1',
    'index.mapping.ignore_malformed': true,
    'index.mapping.total_fields.limit': fields,
    'index.mapping.total_fields.ignore_dynamic_beyond_limit': true,
  } as const;
}
