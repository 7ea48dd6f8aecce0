import type { StackProgress } from '../../containers/stack.ts';
import type { SendProgress } from '../../simulator/transport/index.ts';
import { type Paint, paintFor } from './paint.ts';
import { textTable, width } from './text-table.ts';

const PLAIN_EVERY_MS = 5_000;
/** The topic in which whole events arrive, among the stack's. */
const LAST_HOP = 3;

interface Sample {
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Shows how a run goes on: on a terminal a table that is drawn over, elsewhere a plain line now and then.
 * Everything goes to standard error, so that standard output stays free for results.
 */
export class ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  readonly #quiet: boolean;
  /** Whether what was written can be drawn over. */
  readonly #live: boolean;
  #drawnLines = 0;
  #saidAt = Number.NEGATIVE_INFINITY;
  #before: Sample | undefined;
  #phase = '';

  constructor(options: { quiet?: boolean; stream?: NodeJS.WriteStream } = {}) {
    this.#stream = options.stream ?? process.stderr;
    this.#quiet = options.quiet ?? false;
    this.#paint = paintFor(this.#stream);
    this.#live = this.#stream.isTTY === true && !process.env.CI && process.env.TERM !== 'dumb';
  }

  /** A line that stays. */
  say(text: string): void {
    if (this.#quiet) return;
    this.#erase();
    this.#stream.write(`${text}\n`);
  }

  sending(sent: SendProgress, stack: StackProgress): void {
    // A look that began before the last answer may end after it.
    if (this.#phase === 'draining') return;
    const rate = sent.elapsed > 0 ? Math.round(sent.events / (sent.elapsed / 1000)) : 0;
    const head = `sending  ${seconds(sent.elapsed)}  ${sent.events} events in ${sent.sent} requests, ${rate} events/s`;
    this.#show('sending', head, { sent: sent.events, ...stack.records }, stack);
  }

  draining(stack: StackProgress): void {
    this.#show('draining', 'draining  waiting until everything has come through', stack.records, stack);
  }

  checking(hop: string): void {
    if (this.#quiet) return;
    if (this.#live) this.#draw([`checking  ${hop}`]);
    else this.#stream.write(`checking  ${hop}\n`);
    this.#phase = 'checking';
  }

  /** Takes the moving part away. */
  finish(): void {
    this.#erase();
  }

  #show(phase: string, head: string, counts: Readonly<Record<string, number>>, stack: StackProgress): void {
    if (this.#quiet) return;
    const now = performance.now();
    const before = this.#before;
    this.#before = { at: now, counts };
    if (!this.#live) {
      if (now - this.#saidAt < PLAIN_EVERY_MS && phase === this.#phase) return;
      this.#saidAt = now;
      this.#phase = phase;
      const behind = Object.entries(stack.lag).filter(([, records]) => records > 0);
      const lag = behind.map(([group, records]) => `${group} ${records}`).join(', ') || 'none';
      const [last, arrived] = Object.entries(stack.records)[LAST_HOP] ?? [];
      this.#stream.write(`${head}; ${last} ${arrived}; lag: ${lag}\n`);
      return;
    }
    this.#phase = phase;
    const rows = Object.entries(counts).map(([hop, records]) => {
      const gone = before ? (now - before.at) / 1000 : 0;
      const rate = before && gone > 0 ? Math.max(0, (records - (before.counts[hop] ?? 0)) / gone) : 0;
      return [hop, String(records), `${Math.round(rate)}/s`, String(stack.behind[hop] ?? '')];
    });
    this.#draw([
      head,
      ...textTable(['hop', 'records', 'rate', 'lag'].map(this.#paint.dim), rows).split('\n'),
    ]);
  }

  #draw(lines: readonly string[]): void {
    this.#erase();
    this.#stream.write(`${lines.map((line) => clipped(line, this.#stream.columns)).join('\n')}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#stream.write(`\r\u001b[${this.#drawnLines}A\u001b[J`);
    this.#drawnLines = 0;
  }
}

/** A line that is wider than the terminal would take two rows, and then too few would be erased. */
function clipped(line: string, columns: number | undefined): string {
  // A pseudo-terminal without a size says 0.
  return columns && width(line) > columns ? line.slice(0, columns) : line;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
