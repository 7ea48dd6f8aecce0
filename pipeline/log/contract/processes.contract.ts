import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../contracts/testing/eventually.ts';
import { fresh, handlerOf, type Maker, makeTopic, readAll, texts } from './fixture.contract.ts';

const CHILD = fileURLToPath(new URL('./process.contract.ts', import.meta.url));

/** A process of its own that works on the log and says line by line what it does. */
class Child {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;

  constructor(make: Maker, role: string, settings: object) {
    const { module, location } = make().opener;
    this.#process = spawn(process.execPath, [CHILD, module, location, role, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => this.kill());
    createInterface({ input: this.#process.stdout! }).on('line', (line) => this.lines.push(line));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await closed;
  }
}

export function describeProcesses(make: Maker): void {
  describe('a process', () => {
    it('killed at any moment leaves whole transactions, and all that it was told are committed', async () => {
      const log = await make().open();
      const topics = [await makeTopic(log, { partitions: 2 }), await makeTopic(log, { partitions: 2 })];
      const group = fresh('group');
      const id = fresh('id');
      let total = 0;
      for (let round = 0; round < 8; round++) {
        const child = new Child(make, 'writer', { topics, group, id });
        await eventually(() => expect(child.lines.length).toBeGreaterThan(1));
        await delay((round * 7) % 23);
        await child.kill();
        const acknowledged = Number(child.lines.filter((line) => /^\d+$/.test(line)).at(-1));
        // What the dead process had begun is over once its id is claimed.
        await log.claim(id);
        const [committed] = await log.committed(group, topics[0]!);
        expect(committed).toBeGreaterThanOrEqual(acknowledged);
        expect(committed).toBeGreaterThan(total);
        total = committed!;
        const expected = Array.from({ length: total }, (_, i) => `${i}`);
        for (const topic of topics) {
          for (const partition of [0, 1]) {
            const values = texts(await readAll(log, topic, partition)).map((text) => text!.split(' ')[0]);
            expect(values).toEqual(expected);
          }
        }
      }
    });

    it('that dies, or is stopped for too long, loses its partitions to the living; it gets its share when it wakes', async () => {
      const log = await make().open();
      const topic = await makeTopic(log, { partitions: 4 });
      const group = fresh('group');
      const mine = log.consume({ group, topic, handler: () => handlerOf(log, group, () => {}) });
      const children = [
        new Child(make, 'member', { group, topic }),
        new Child(make, 'member', { group, topic }),
      ];
      const held = (child: Child) => JSON.parse(child.lines.at(-1) ?? '[]') as number[];
      const settled = (members: readonly (() => readonly number[])[]) =>
        eventually(() => {
          const all = members.flatMap((member) => [...member()]);
          expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
          for (const member of members) expect(member().length).toBeGreaterThan(0);
        });
      const [first, second] = [() => held(children[0]!), () => held(children[1]!)];
      const own = () => mine.assignment();
      await settled([own, first, second]);
      await children[0]!.kill();
      await settled([own, second]);
      children[1]!.signal('SIGSTOP');
      await settled([own]);
      children[1]!.signal('SIGCONT');
      await settled([own, second]);
      await mine.stop();
    });
  });
}
