/**
 * Which literals a regular expression cannot match without: of the returned strings (lower case) at least one occurs in every
 * text that matches. Null where nothing can be said. Used to leave out expressions that cannot match.
 */
export function requiredLiterals(source: string): readonly string[] | null {
  const found = new Reader(source).alternatives();
  return found.length > 0 && found.every((literal) => literal.length > 1) ? found : null;
}

/** A longer list is as good as none. */
const MAX_ALTERNATIVES = 400;
const NOTHING: readonly string[] = [];

/**
 * Reads the part of the regular expression syntax that matters: sequences, alternatives, groups, quantifiers and
 * classes. What it does not understand counts as "anything", which is always safe.
 */
class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Any of the alternatives may match: all of them must require something. */
  alternatives(): readonly string[] {
    const all: string[] = [];
    let known = true;
    for (;;) {
      const branch = this.#sequence();
      if (branch.length === 0) known = false;
      all.push(...branch);
      if (this.#source[this.#at] !== '|') break;
      this.#at++;
    }
    return known && all.length <= MAX_ALTERNATIVES ? all : NOTHING;
  }

  /** All elements of a sequence must match: the best one is enough. */
  #sequence(): readonly string[] {
    let best = NOTHING;
    let run = '';
    const consider = (candidate: readonly string[]): void => {
      if (worth(candidate) > worth(best)) best = candidate;
    };
    const endRun = (): void => {
      if (run) consider([run]);
      run = '';
    };
    while (
      this.#at < this.#source.length &&
      this.#source[this.#at] !== '|' &&
      this.#source[this.#at] !== ')'
    ) {
      const atom = this.#atom();
      const optional = this.#quantifier();
      if (typeof atom === 'string' && optional === 'once') run += atom;
      else if (typeof atom === 'string') {
        // `ab+c`: the character is there at least once, but what follows it is not adjacent to the first.
        if (optional === 'many') run += atom;
        endRun();
      } else {
        endRun();
        if (optional !== 'none') consider(atom);
      }
    }
    endRun();
    return best;
  }

  /** A character (as a string), or what a group or class requires (as a list). */
  #atom(): string | readonly string[] {
    const character = this.#source[this.#at++]!;
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    if (character === '.' || character === '^' || character === '$') return NOTHING;
    return character.toLowerCase();
  }

  #group(): readonly string[] {
    let counts = true;
    if (this.#source[this.#at] === '?') {
      const kind = /^\?(?::|=|!|<=|<!|<\w+>)/.exec(this.#source.slice(this.#at, this.#at + 40))?.[0];
      this.#at += kind?.length ?? 1;
      // Look-arounds, negative ones above all, say nothing about what is matched.
      counts = kind === '?:' || (kind?.endsWith('>') ?? false);
    }
    const inner = this.alternatives();
    this.#at++;
    return counts ? inner : NOTHING;
  }

  #class(): string | readonly string[] {
    const start = this.#at;
    if (this.#source[this.#at] === '^') this.#at++;
    if (this.#source[this.#at] === ']') this.#at++;
    while (this.#at < this.#source.length && this.#source[this.#at] !== ']') {
      this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    }
    const content = this.#source.slice(start, this.#at++);
    // `[Mm]` is one letter.
    return /^[A-Za-z]{2}$/.test(content) && content[0]!.toLowerCase() === content[1]!.toLowerCase()
      ? content[0]!.toLowerCase()
      : NOTHING;
  }

  #escape(): string | readonly string[] {
    const character = this.#source[this.#at++] ?? '';
    if (character === 'x') this.#at += 2;
    if (character === 'u') this.#at += 4;
    return /[A-Za-z0-9]/.test(character) ? NOTHING : character;
  }

  /** `once` without a quantifier, `many` for one or more, `none` where it may be absent. */
  #quantifier(): 'once' | 'many' | 'none' {
    const match = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})[?+]?/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (!match) return 'once';
    this.#at += match[0].length;
    if (match[0].startsWith('+')) return 'many';
    return match[1] !== undefined && Number(match[1]) > 0 ? 'many' : 'none';
  }
}

/** A set of literals is as good as its shortest, and better the fewer it has. */
function worth(literals: readonly string[]): number {
  if (literals.length === 0) return 0;
  return Math.min(...literals.map((literal) => literal.length)) - literals.length / 1000;
}
