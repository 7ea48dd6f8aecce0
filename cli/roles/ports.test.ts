import { expect, it } from 'vitest';
import type { EventLog } from '../../pipeline/log/port.ts';
import { type Ports, through } from './ports.ts';

const log = (kind: string) => ({ kind }) as unknown as EventLog;
const naming = (name: string): Ports => ({ log: (inner, stage) => log(`${name}(${inner.kind}, ${stage})`) });

it('leaves ports as they are where nothing is to stand before them', () => {
  const port = log('log');
  expect(through().log(port, 'parser')).toBe(port);
  expect(through(undefined, {}).log(port, 'parser')).toBe(port);
});

it('puts the last in front', () => {
  const { kind } = through(naming('fail point'), undefined, naming('bug')).log(log('log'), 'parser');
  expect(kind).toBe('bug(fail point(log, parser), parser)');
});
