import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type UserAgentRule, uapCoreRules } from '../../resources/uap-core.ts';
import { type GoldenInput, readFixtureLines } from '../fixtures/golden.ts';
import { requiredLiterals } from './literals.ts';
import { Occurrences } from './occurrences.ts';
import { userAgentParser } from './parser.ts';
import { RuleSet } from './rule-set.ts';

const rules = uapCoreRules();
const parse = userAgentParser(rules, 100);
const seen = [
  ...new Set(readFixtureLines<GoldenInput>('k_golden_inputs.jsonl').map(({ userAgent }) => userAgent)),
];

test.each([
  ['(Firefox)/(\\d+)', ['firefox']],
  ['a|b', null],
  ['(?:abc|defg)+x', ['abc', 'defg']],
  ['(?:abc|)xy', ['xy']],
  ['ab?cd', ['cd']],
  ['ab+cd', ['ab', 'cd']],
  ['[Ww]indows', ['windows']],
  ['(?!nothing)\\d', null],
  ['foo\\.bar\\x20z', ['foo.bar']],
  ['.{0,3}Bot(?:[^/]x){2}', ['bot']],
])('%s cannot match without one of %j', (source, literals) => {
  const found = requiredLiterals(source);
  if (literals === null) expect(found).toBeNull();
  else for (const literal of found!) expect(literals).toContain(literal);
});

test('literals are found wherever they occur, also inside one another', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é') }),
      (literals, text) => {
        const found = new Set<number>();
        new Occurrences(literals.map((literal, index) => [literal, index] as const)).in(text, (index) =>
          found.add(index),
        );
        const expected = literals.flatMap((literal, index) => (text.includes(literal) ? [index] : []));
        expect([...found].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
  );
});

/** The first rule that matches, every expression tried. */
function slowly(list: readonly UserAgentRule[], text: string): UserAgentRule | undefined {
  return list.find(({ regex, regex_flag: flag }) => new RegExp(regex, flag ?? '').test(text));
}

test.each(['user_agent_parsers', 'os_parsers', 'device_parsers'] as const)(
  'of %s none is left out that matches',
  (kind) => {
    const list = rules[kind];
    const set = new RuleSet(list);
    const check = (text: string): void => {
      expect(set.match(text, text.toLowerCase())?.rule).toBe(slowly(list, text));
    };
    for (const userAgent of seen) check(userAgent);
    const word = fc.constantFrom(...seen.flatMap((text) => text.split(/(?<=[ ;/()])/)));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => check(words.join(''))),
      { numRuns: 60 },
    );
  },
);

test('what nobody knows is other', () => {
  expect(parse('Moz%zz 100%')).toMatchObject({
    useragentFamily: 'Other',
    useragentVersion: 'Other',
    deviceFamily: 'Other',
  });
});

test('a long user agent is read no further than it can matter', () => {
  expect(parse(`${'x'.repeat(5000)} Firefox/100.0`).useragentFamily).toBe('Other');
});
