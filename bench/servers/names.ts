import {
  DEFAULT_GROUPS,
  DEFAULT_TOPICS,
  type GroupNames,
  type TopicNames,
} from '../../pipeline/contracts/topics.ts';

/** The topics of one replicate: each begins with new ones. */
export function topicsOf(replicate: string): TopicNames {
  return prefixed(DEFAULT_TOPICS, replicate);
}

/** And its consumer groups. */
export function groupsOf(replicate: string): GroupNames {
  return prefixed(DEFAULT_GROUPS, replicate);
}

function prefixed<Names extends object>(names: Names, prefix: string): Names {
  return Object.fromEntries(
    Object.entries(names).map(([role, name]) => [role, `${prefix}_${name}`]),
  ) as unknown as Names;
}
