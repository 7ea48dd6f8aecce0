import { expect, it } from 'vitest';
import { Random, rootOf } from '../../simulator/random/random.ts';
import { ownParts } from '../faults/own.ts';
import { stackAsIf } from './possible.ts';
import { randomPlan } from './random-plan.ts';
import { type Fault, readFault } from './scenario.ts';

type Kind = Parameters<typeof stackAsIf>[0];
const plan = (seed: number, kind: Kind) => randomPlan(new Random(rootOf(seed)), ownParts(stackAsIf(kind)), 8);
const flat = (seed: number, kind: Kind) => plan(seed, kind).flat() as Fault[];

it('is the same for the same seed, and another for another', () => {
  expect(plan(1, 'containers')).toEqual(plan(1, 'containers'));
  expect(plan(1, 'containers')).not.toEqual(plan(2, 'containers'));
});

it.each(['embedded', 'containers'] as const)('draws faults that are declared rightly (%s)', (kind) => {
  const drawn = Array.from({ length: 100 }, (_, seed) => flat(seed, kind)).flat();
  for (const fault of drawn) expect(() => readFault('random', fault)).not.toThrow();
  const kinds = new Set(drawn.map((fault) => Object.keys(fault)[0]));
  const everywhere = ['kill', 'restart', 'stop', 'dieAt', 'profiles', 'poison', 'rotate', 'clickhouse'];
  expect([...kinds].sort()).toEqual([...everywhere, ...(kind === 'containers' ? ['block'] : [])].sort());
});

it('leaves servers alone that an embedded stack has not', () => {
  const text = JSON.stringify(Array.from({ length: 100 }, (_, seed) => flat(seed, 'embedded')));
  expect(text).not.toMatch(/kafka|redis|elasticsearch/);
});

it('leaves servers and stores alone that are somebody else’s', () => {
  const drawn = Array.from({ length: 100 }, (_, seed) => flat(seed, 'external')).flat();
  const kinds = new Set(drawn.map((fault) => Object.keys(fault)[0]));
  expect([...kinds].sort()).toEqual(['dieAt', 'kill', 'poison', 'restart', 'rotate', 'stop']);
  const whom = drawn.map((fault) => Object.values(fault)[0]);
  expect(whom).toContain('elasticsearch-sink');
  for (const server of ['kafka', 'redis', 'elasticsearch', 'clickhouse']) expect(whom).not.toContain(server);
});
