import { createReadStream } from 'node:fs';
import { unreadable } from './errors.ts';

/** Longest line that is read: a body of 1 MiB as base64 or escaped, and its surroundings. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/** Lines of a ledger file as parsed JSON, in constant memory. A torn end is not an error: it is counted. */
export class LedgerLines<T> implements AsyncIterable<T> {
  readonly #path: string;
  #torn = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** How many lines could not be read because the writer was killed: known when the iteration has ended, 0 or 1. */
  get torn(): number {
    return this.#torn;
  }

  /** @throws ClickproofError LEDGER_UNREADABLE a missing file, or a line in the middle that is no JSON. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    let rest = '';
    let number = 0;
    try {
      for await (const chunk of createReadStream(this.#path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
        const lines = (rest + (chunk as string)).split('\n');
        rest = lines.pop()!;
        if (rest.length > MAX_LINE_CHARACTERS)
          throw unreadable(this.#path, `line ${number + lines.length + 1} is too long`);
        for (const line of lines) yield this.#parse(line, ++number);
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        throw unreadable(this.#path, 'there is no such file', error);
      throw error;
    }
    if (rest !== '') this.#torn = 1;
  }

  #parse(line: string, number: number): T {
    try {
      return JSON.parse(line) as T;
    } catch (error) {
      throw unreadable(this.#path, `line ${number} is no JSON`, error);
    }
  }
}
