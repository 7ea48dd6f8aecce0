import { expect, it } from 'vitest';
import { printed, table } from './print.ts';

it('a counterexample is its steps, numbered, faults marked, fail points beside them, and what it comes to', () => {
  const trace = [
    { what: 'A commits', at: 'parser.commit', next: {} },
    { what: 'A is killed', fault: true, next: {} },
  ];
  expect(printed('stage', 'aGuard', { property: 'lost', detail: 'record 0 is nowhere', trace })).toBe(
    [
      'stage without aGuard',
      '  1   A commits     parser.commit',
      '  2 ! A is killed',
      '    = lost: record 0 is nowhere',
      '',
    ].join('\n'),
  );
});

it('columns are as wide as what is in them', () => {
  expect(table(['a', 'b'], [['one', '1']])).toBe('  a     b\n  one   1');
});
