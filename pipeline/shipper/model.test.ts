import { existsSync, truncateSync, unlinkSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClickproofError } from '../contracts/errors.ts';
import type { EventLog } from '../log/port.ts';
import type { Shipper } from './index.ts';
import { until, World } from './testing/world.ts';

/**
 * The events of the small model that the protocol was found with, in any order, against the real shipper: lines are written,
 * files rotated, written to late, truncated or deleted once shipped, and the shipper dies between any two of them.
 */

/** A log that a dead process cannot write to any more. What it had begun may still be committed, or not. */
function mortal(log: EventLog): { log: EventLog; die(): void } {
  let dead = false;
  const check = () => {
    if (dead) throw new ClickproofError('LOG_CORRUPT', 'dead');
  };
  const claim: EventLog['claim'] = async (id) => {
    check();
    const real = await log.claim(id);
    return {
      transactionalId: id,
      close: async () => {},
      commit: async (transaction) => {
        check();
        await real.commit(transaction);
        check();
      },
    };
  };
  const wrapped: Pick<EventLog, 'claim' | 'ends' | 'read' | 'partitions'> = {
    claim,
    ends: (topic) => log.ends(topic),
    read: (from) => log.read(from),
    partitions: (topic) => log.partitions(topic),
  };
  return {
    log: wrapped as EventLog,
    die: () => {
      dead = true;
    },
  };
}

class Run {
  readonly world: World;
  /** Lines of each content that a file ever had, in the order in which they were written. */
  readonly contents: string[][] = [[]];
  /** The content of each rotated file that is still there, newest first. */
  readonly rotated: { suffix: string; content: string[] }[] = [];
  #shipper: Shipper | null = null;
  #die = () => {};
  #live = this.contents[0]!;
  #count = 0;

  constructor(world: World) {
    this.world = world;
  }

  async begin(): Promise<void> {
    const { log, die } = mortal(this.world.log);
    this.#die = die;
    this.#shipper = await this.world.start(
      { batchLines: 3, pollInterval: 2, linger: 1, closeInactive: 5 },
      log,
    );
  }

  async crash(): Promise<void> {
    this.#die();
    await this.#shipper!.stop();
    await this.begin();
  }

  write(lines: number): void {
    this.world.append(this.#lines(lines, this.#live));
  }

  writeLate(lines: number): void {
    const newest = this.rotated[0];
    if (newest) this.world.append(this.#lines(lines, newest.content), newest.suffix);
  }

  rotate(): void {
    if (!existsSync(this.world.logFile)) return;
    const suffix = `-${String(this.#count++).padStart(6, '0')}`;
    this.world.rotate(suffix);
    this.rotated.unshift({ suffix, content: this.#live });
    this.#newContent();
    this.world.append('');
  }

  async truncateShipped(): Promise<void> {
    await this.allShipped();
    if (this.#live.length === 0) return;
    truncateSync(this.world.logFile);
    this.#newContent();
  }

  async deleteShipped(): Promise<void> {
    await this.allShipped();
    const oldest = this.rotated.pop();
    if (oldest) unlinkSync(this.world.path(oldest.suffix));
  }

  async allShipped(): Promise<void> {
    const expected = this.contents.flat().length;
    await until(`${expected} lines are there`, async () => (await this.world.messages()).length >= expected);
  }

  async check(): Promise<void> {
    await this.allShipped();
    const messages = await this.world.messages();
    expect([...messages].sort()).toEqual(this.contents.flat().sort());
    for (const content of this.contents) {
      const own = new Set(content);
      expect(messages.filter((message) => own.has(message))).toEqual(content);
    }
  }

  #lines(count: number, content: string[]): string {
    const lines = Array.from({ length: count }, () => `line ${this.#count++}`);
    content.push(...lines);
    return lines.map((line) => `${line}\n`).join('');
  }

  #newContent(): void {
    this.#live = [];
    this.contents.push(this.#live);
  }
}

const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }).map((n) => ({ event: 'write' as const, n })) },
    { weight: 2, arbitrary: fc.constant({ event: 'rotate' as const, n: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((n) => ({ event: 'writeLate' as const, n })) },
    { weight: 1, arbitrary: fc.constant({ event: 'truncateShipped' as const, n: 0 }) },
    { weight: 1, arbitrary: fc.constant({ event: 'deleteShipped' as const, n: 0 }) },
    { weight: 2, arbitrary: fc.constant({ event: 'crash' as const, n: 0 }) },
    // Lets the shipper come to some point or other.
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 12 }).map((n) => ({ event: 'turn' as const, n })) },
  ),
  { minLength: 5, maxLength: 25 },
);

test('whatever happens to the files and the shipper, every line is shipped once and in the order of its file', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (steps) => {
      const world = await World.create();
      try {
        const run = new Run(world);
        await run.begin();
        for (const { event, n } of steps) {
          if (event === 'turn') await new Promise((resolve) => setTimeout(resolve, n));
          else await run[event](n);
        }
        await run.check();
      } finally {
        await world.close();
      }
    }),
    { numRuns: 120, endOnFailure: true },
  );
});
