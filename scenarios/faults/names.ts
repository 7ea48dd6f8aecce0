import type { Stack } from '../../containers/stack.ts';
import { DEFAULT_TOPICS, type GroupNames, type TopicNames } from '../../pipeline/contracts/topics.ts';

/** What a topic that is called by its usual name, as scenarios do, is called on a stack. Other names are given back as they are. */
export function nameOn({ topics }: Pick<Stack, 'topics'>, usual: string): string {
  const keys = Object.keys(DEFAULT_TOPICS) as (keyof TopicNames)[];
  const key = keys.find((one) => DEFAULT_TOPICS[one] === usual);
  return key === undefined ? usual : topics[key];
}

/** Groups by the role that reads for them, where the two are not called the same. */
const KEYS: Readonly<Record<string, keyof GroupNames>> = {
  'clickhouse-sink': 'clickhouse',
  'elasticsearch-sink': 'elasticsearch',
};

/** The group that a role reads for on a stack. */
export function groupOf({ groups }: Pick<Stack, 'groups'>, role: string): string {
  return groups[KEYS[role] ?? (role as keyof GroupNames)] ?? role;
}
