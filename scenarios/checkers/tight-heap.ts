import { setFlagsFromString } from 'node:v8';

/** So much more than what was alive after the last collection may lie in the heap before garbage is collected again. */
const GROWING_PERCENT = 50;

/**
 * From the first collection while it is held V8 collects garbage early. By default it lets the old generation grow to as much as four times what
 * is alive, and keeps the pages. The check of 100,000 events takes 899 MB so, and 1,388 without, in the same time: most of collecting goes on
 * beside it, on another core. It holds for the whole process, until the first that holds it lets go: one run checks at a time.
 */
export class TightHeap implements Disposable {
  constructor() {
    setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  }

  [Symbol.dispose](): void {
    setFlagsFromString('--heap-growing-percent=0');
  }
}
