import { expect, it } from 'vitest';
import { DEFAULT_GROUPS, DEFAULT_TOPICS, prefixed } from '../../pipeline/contracts/topics.ts';
import { groupOf, nameOn } from './names.ts';

const stack = {
  topics: prefixed({ ...DEFAULT_TOPICS, raw: 'web_raw' }, 'run-'),
  groups: prefixed(DEFAULT_GROUPS, 'run-'),
};

it('calls topics as the stack does, and leaves other hops their names', () => {
  const named = ['tracking_raw', 'tracking_persisted', 'access log'].map((usual) => nameOn(stack, usual));
  expect(named).toEqual(['run-web_raw', 'run-tracking_persisted', 'access log']);
});

it('knows the group that a role reads for', () => {
  const groups = ['parser', 'clickhouse-sink', 'elasticsearch-sink'].map((role) => groupOf(stack, role));
  expect(groups).toEqual(['run-parser', 'run-clickhouse', 'run-elasticsearch']);
});
