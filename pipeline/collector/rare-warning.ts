import type { Diagnostics } from '../contracts/running.ts';

const INTERVAL_MS = 10_000;

/** Says the same thing at most every ten seconds, and how often it has happened meanwhile. */
export class RareWarning {
  private readonly diagnostics: Diagnostics;
  private readonly now: () => number;
  private next = 0;
  private times = 0;

  constructor(diagnostics: Diagnostics, now: () => number) {
    this.diagnostics = diagnostics;
    this.now = now;
  }

  error(message: string, cause: unknown): void {
    this.times++;
    const now = this.now();
    if (now < this.next) return;
    this.next = now + INTERVAL_MS;
    this.diagnostics.error(message, { error: String(cause), times: this.times });
    this.times = 0;
  }
}
