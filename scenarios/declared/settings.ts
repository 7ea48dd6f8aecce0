import { z } from 'zod';

/** Where in a record something stands: names, or places in a list, with dots between. */
const path = z.string().min(1).max(500);
const fields = z
  .record(z.string().min(1).max(200), path)
  .default({})
  .describe('what else is compared: names of atomic fields, and where each stands');
const name = z.string().min(1).max(100).optional();

/** How often a store or topic shows an event that was sent several times. */
const repeats = z
  .enum(['either', 'kept', 'removed'])
  .default('either')
  .describe(
    'kept: as often as it was sent; removed: once; either: at least once, and no more often than it was sent',
  );

const kafkaHop = z.strictObject({
  kind: z.literal('kafka'),
  name,
  topic: z.string().min(1).max(249),
  format: z
    .enum(['json', 'tsv'])
    .default('json')
    .describe('what a record holds; columns of tsv count from 0'),
  id: path,
  fields,
  repeats,
});

const clickhouseHop = z.strictObject({
  kind: z.literal('clickhouse'),
  name,
  sql: z
    .string()
    .min(1)
    .describe(
      'gives a column `id`, and columns named after atomic fields; {mark: String} stands for the run',
    ),
  repeats,
});

const elasticsearchHop = z.strictObject({
  kind: z.literal('elasticsearch'),
  name,
  index: z.string().min(1).max(255),
  query: z
    .record(z.string(), z.unknown())
    .default({ match_all: {} })
    .describe('which documents; the text {mark} in it stands for the run'),
  id: path.default('_id').describe('_id: of the document; else where it stands in its source'),
  fields,
  repeats,
});

/** A place of somebody's own pipeline in which events can be found again. */
export const declaredHop = z.discriminatedUnion('kind', [kafkaHop, clickhouseHop, elasticsearchHop]);

export type DeclaredHop = z.output<typeof declaredHop>;
export type DeclaredKafkaHop = z.output<typeof kafkaHop>;
export type DeclaredClickHouseHop = z.output<typeof clickhouseHop>;
export type DeclaredElasticsearchHop = z.output<typeof elasticsearchHop>;
