const MAX_NAMES = 1_000;

/**
 * Flattened names of one namespace. A name that is put together anew each time must be hashed each time it is looked up;
 * few names recur in all events, so those are kept, up to a bound.
 */
export class FlatNames {
  readonly #namespace: string;
  readonly #known = new Map<string, string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  of(name: string): string {
    let flat = this.#known.get(name);
    if (flat === undefined) {
      flat = `${this.#namespace}-${name}`;
      if (this.#known.size < MAX_NAMES) this.#known.set(name, flat);
    }
    return flat;
  }
}
