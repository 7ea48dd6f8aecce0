import type { UserAgentRule } from '../../resources/uap-core.ts';
import { requiredLiterals } from './literals.ts';
import { Occurrences } from './occurrences.ts';

/** The first rule that matches, with its groups. */
export interface RuleMatch {
  readonly rule: UserAgentRule;
  readonly groups: RegExpExecArray;
}

/**
 * An ordered list of uap-core rules. Of a thousand expressions only those are tried whose required literals occur in the text,
 * and an expression is compiled when it is first tried.
 */
export class RuleSet {
  readonly #rules: readonly UserAgentRule[];
  readonly #compiled: (RegExp | undefined)[];
  readonly #literals: Occurrences;
  /** Rules of which nothing is known: always tried. */
  readonly #always: readonly number[];

  constructor(rules: readonly UserAgentRule[]) {
    this.#rules = rules;
    this.#compiled = new Array(rules.length);
    const always: number[] = [];
    const literals: [string, number][] = [];
    for (const [index, rule] of rules.entries()) {
      const required = requiredLiterals(rule.regex);
      if (required?.every(isAscii)) for (const literal of required) literals.push([literal, index]);
      else always.push(index);
    }
    this.#literals = new Occurrences(literals);
    this.#always = always;
  }

  /** @param lowerCase the same text in lower case: three sets share it */
  match(text: string, lowerCase: string): RuleMatch | null {
    const candidates = this.#always.slice();
    this.#literals.in(lowerCase, (index) => candidates.push(index));
    candidates.sort((a, b) => a - b);
    let previous = -1;
    for (const index of candidates) {
      if (index === previous) continue;
      previous = index;
      const groups = this.#expression(index).exec(text);
      if (groups) return { rule: this.#rules[index]!, groups };
    }
    return null;
  }

  #expression(index: number): RegExp {
    const rule = this.#rules[index]!;
    this.#compiled[index] ??= new RegExp(rule.regex, rule.regex_flag ?? '');
    return this.#compiled[index];
  }
}

function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}
