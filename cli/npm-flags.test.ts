import { Command } from 'commander';
import { expect, test } from 'vitest';
import { requireNoFlagsKeptByNpm } from './npm-flags.ts';

const command = new Command('simulate')
  .option('--rate <rate>')
  .option('--dwell-scale <x>')
  .option('--json')
  .option('--target <url>');
const underNpm = { npm_lifecycle_event: 'simulate' };

test('a flag that npm took for its own is refused, and how to give it is said', () => {
  const call = (more: object) => () =>
    requireNoFlagsKeptByNpm(command, ['simulate'], { ...underNpm, ...more });
  expect(call({ npm_config_rate: '50/s' })).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringContaining('--rate'),
      remedy: expect.stringContaining('npm run simulate -- --rate'),
    }),
  );
  expect(call({ npm_config_dwell_scale: '0.1' })).toThrow(/--dwell-scale/);
  expect(call({ npm_config_target: 'http://127.0.0.1:1' })).toThrow(/--target/);
});

test('what npm has of its own, and what is no flag of the command, is nobody’s mistake', () => {
  expect(() =>
    requireNoFlagsKeptByNpm(command, ['simulate'], {
      ...underNpm,
      npm_config_json: 'true',
      npm_config_cache: '/c',
      npm_config_target: '33.0.0',
    }),
  ).not.toThrow();
  expect(() => requireNoFlagsKeptByNpm(command, [], { npm_config_rate: '50/s' })).not.toThrow();
  const handedOn = ['simulate', '--rate', '50/s'];
  expect(() =>
    requireNoFlagsKeptByNpm(command, handedOn, { ...underNpm, npm_config_rate: '50/s' }),
  ).not.toThrow();
});
