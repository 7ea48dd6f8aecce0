import { expect, test } from 'vitest';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { stderrDiagnostics } from './diagnostics.ts';

function collected() {
  const lines: string[] = [];
  const clock = { at: Date.UTC(2026, 0, 5) };
  const diagnostics = stderrDiagnostics('parser', { write: (line) => lines.push(line), now: () => clock.at });
  return { lines, clock, diagnostics };
}

test('a line is time, level, who, what and fields', () => {
  const { lines, diagnostics } = collected();
  diagnostics.info('parser is ready', {
    url: 'http://127.0.0.1:8080',
    name: 'two words',
    lag: { p0: 3 },
    none: undefined,
  });
  expect(lines).toEqual([
    '2026-01-05T00:00:00.000Z info parser: parser is ready url=http://127.0.0.1:8080 name="two words" lag={"p0":3}\n',
  ]);
});

test('an error is its message and what to do about it', () => {
  const { lines, diagnostics } = collected();
  diagnostics.warn('interrupted', {
    error: new ClickproofError('LOG_FULL', 'no space', { remedy: 'make room' }),
  });
  expect(lines[0]).toContain('interrupted error="no space" remedy="make room"\n');
});

test('what repeats is written every ten seconds, with how often it came in between', () => {
  const { lines, clock, diagnostics } = collected();
  for (let second = 0; second < 25; second++, clock.at += 1_000)
    diagnostics.warn('no space', { partition: 1 });
  diagnostics.warn('no space', { partition: 2 });
  expect(lines.map((line) => line.slice(25))).toEqual([
    'warn parser: no space partition=1\n',
    'warn parser: no space partition=1 before="9 times more"\n',
    'warn parser: no space partition=1 before="9 times more"\n',
    'warn parser: no space partition=2\n',
  ]);
});
