import type { Finding, FindingKind } from './compare.ts';

const MOST_SAMPLES = 10;

/** Counts one kind of fault at one hop and keeps the first ten as examples. */
export class Samples {
  count = 0;
  readonly samples: Finding[] = [];
  readonly #kind: FindingKind;
  readonly #hop: string;

  constructor(kind: FindingKind, hop: string) {
    this.#kind = kind;
    this.#hop = hop;
  }

  add(key: string, where: string): void {
    this.count += 1;
    if (this.samples.length < MOST_SAMPLES) {
      this.samples.push({ kind: this.#kind, hop: this.#hop, key, where });
    }
  }
}
