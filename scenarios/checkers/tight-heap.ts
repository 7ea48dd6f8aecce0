import { setFlagsFromString } from 'node:v8';

/** So much more than what was alive after the last collection may lie in the heap before garbage is collected again. */
const GROWING_PERCENT = 50;

/**
 * While it is held V8 collects garbage early. By default it lets a heap grow to as much as four times what is alive, and keeps the
 * memory: a check of a million events has 150 MB alive and would take more than a gigabyte. Collecting goes on beside it, on another core.
 */
export class TightHeap implements Disposable {
  static #held = 0;

  constructor() {
    TightHeap.#held += 1;
    setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  }

  [Symbol.dispose](): void {
    TightHeap.#held -= 1;
    if (TightHeap.#held === 0) setFlagsFromString('--heap-growing-percent=0');
  }
}
