import { ClickproofError } from '../../contracts/errors.ts';

/**
 * The keys of one partition. The hash tag keeps them in one slot of a cluster, so that one script reaches all of them:
 *
 * - `{cp:TOPIC:p}:mark`: a hash: `mark`, `description`, `progress`, `generation`, `format`.
 * - `{cp:TOPIC:p}:window`: a list of segments, oldest first, each `<its mark>:<bytes>`.
 * - `{cp:TOPIC:p}:v:<visitor>`: the generation, then the value.
 *
 * The generation is drawn when a partition is begun. A value of another one is none: so forgetting a partition is one step however
 * many visitors it has, and it does no harm if somebody deletes the mark alone.
 */
export interface PartitionKeys {
  readonly mark: string;
  readonly window: string;
  visitor(visitor: Buffer): Buffer;
  /** Pattern of all visitors' keys, for SCAN. */
  readonly visitors: string;
}

/** As Kafka allows them; a brace would end the hash tag. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** @throws ClickproofError REDIS_KEY the topic's name cannot be part of a key */
export function checkTopic(topic: string): void {
  if (TOPIC.test(topic)) return;
  throw new ClickproofError('REDIS_KEY', `${JSON.stringify(topic)} cannot be part of a key of Redis`, {
    remedy: 'name the topic with letters, digits, dots, underscores and hyphens',
  });
}

export function partitionKeys(topic: string, partition: number): PartitionKeys {
  const tag = `{cp:${topic}:${partition}}`;
  const prefix = Buffer.from(`${tag}:v:`);
  return {
    mark: `${tag}:mark`,
    window: `${tag}:window`,
    visitor: (visitor) => Buffer.concat([prefix, visitor]),
    visitors: `${tag}:v:*`,
  };
}
