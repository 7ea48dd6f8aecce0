import { z } from 'zod';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import {
  DEFAULT_GROUPS,
  DEFAULT_TOPICS,
  type GroupNames,
  type TopicNames,
} from '../../pipeline/contracts/topics.ts';
import { duration, size } from '../../pipeline/contracts/units.ts';
import { kafkaSettings } from '../../pipeline/log/kafka/settings.ts';

/** A structure of names, each with its default. */
function names<Names extends object>(defaults: Names) {
  const shape = Object.fromEntries(
    Object.entries(defaults).map(([key, name]) => [
      key,
      z
        .string()
        .min(1)
        .default(name as string),
    ]),
  );
  return z.strictObject(shape).prefault({}) as unknown as z.ZodType<Names>;
}

/** What all processes of one pipeline must agree on: the section `pipeline` of the configuration file. */
export const pipelineSettings = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('clickproof-data')
    .describe('where the embedded event log, the profiles and the access log are kept'),
  eventLog: z
    .enum(['embedded', 'kafka'])
    .default('embedded')
    .describe('where the topics are: embedded, a file in the data directory, or kafka'),
  ...kafkaSettings.shape,
  profiles: z
    .enum(['sqlite', 'redis'])
    .default('sqlite')
    .describe('where the profiles are: sqlite, a file in the data directory, or redis'),
  partitions: z.coerce.number().int().min(1).max(1024).default(4).describe('partitions of each topic'),
  retention: duration
    .optional()
    .describe('how long the topics keep records, e.g. 7d; for ever when not given'),
  bodyBytes: size
    .default(DEFAULT_SIZE_LIMITS.bodyBytes)
    .describe('largest request body; all other size limits follow from it'),
  topics: names<TopicNames>(DEFAULT_TOPICS).describe('names of the topics'),
  groups: names<GroupNames>(DEFAULT_GROUPS).describe('names of the consumer groups'),
});

export type PipelineSettings = z.infer<typeof pipelineSettings>;
