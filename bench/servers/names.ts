import {
  DEFAULT_GROUPS,
  DEFAULT_TOPICS,
  type GroupNames,
  prefixed,
  type TopicNames,
} from '../../pipeline/contracts/topics.ts';

/** The topics of one replicate: each begins with new ones. */
export function topicsOf(replicate: string): TopicNames {
  return prefixed(DEFAULT_TOPICS, `${replicate}_`);
}

/** And its consumer groups. */
export function groupsOf(replicate: string): GroupNames {
  return prefixed(DEFAULT_GROUPS, `${replicate}_`);
}
