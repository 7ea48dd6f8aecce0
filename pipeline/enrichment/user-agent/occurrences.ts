/**
 * Finds which of many literals occur in a text, in one pass over it (Aho and Corasick). Literals are of characters
 * below 128; any other character of the text ends every partial match.
 */
export class Occurrences {
  readonly #next: Int32Array;
  /** For each state, the owners of the literals that end there, suffixes included. */
  readonly #owners: readonly (readonly number[])[];

  /** @param literals pairs of a literal and whoever is to be told of it */
  constructor(literals: Iterable<readonly [literal: string, owner: number]>) {
    const children: Map<number, number>[] = [new Map()];
    const owners: number[][] = [[]];
    for (const [literal, owner] of literals) {
      let state = 0;
      for (let i = 0; i < literal.length; i++) {
        const code = literal.charCodeAt(i);
        let child = children[state]!.get(code);
        if (child === undefined) {
          child = children.push(new Map()) - 1;
          owners.push([]);
          children[state]!.set(code, child);
        }
        state = child;
      }
      owners[state]!.push(owner);
    }
    this.#next = complete(children, owners);
    this.#owners = owners;
  }

  /** Calls `found` for each owner of a literal that occurs; an owner can be named more than once. */
  in(text: string, found: (owner: number) => void): void {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      state = code < 128 ? this.#next[(state << 7) | code]! : 0;
      const owners = this.#owners[state]!;
      for (let o = 0; o < owners.length; o++) found(owners[o]!);
    }
  }
}

/** Turns the tree into a table in which every character leads somewhere, breadth first. */
function complete(children: readonly Map<number, number>[], owners: number[][]): Int32Array {
  const next = new Int32Array(children.length << 7);
  const fallback = new Int32Array(children.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!;
    const behind = fallback[state]!;
    if (state !== 0) owners[state]!.push(...owners[behind]!);
    for (let code = 0; code < 128; code++) {
      const child = children[state]!.get(code);
      const viaFallback = state === 0 ? 0 : next[(behind << 7) | code]!;
      next[(state << 7) | code] = child ?? viaFallback;
      if (child !== undefined) {
        fallback[child] = viaFallback;
        queue.push(child);
      }
    }
  }
  return next;
}
