import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readState } from './state.ts';
import { TOPICS, until, World } from './testing/world.ts';

const CHILD = join(import.meta.dirname, 'testing/crash-child.ts');
/** Kept rotated files; a shipped one beyond them is deleted, so that inodes are used again. */
const KEPT = 3;
const KILLS = 10;

let world: World;
let child: ChildProcess;
afterEach(async () => {
  await kill();
  await world.close();
});

/** Small and seeded: what is written is the same in every run; when the child dies is not. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function spawnShipper(): void {
  child = spawn(process.execPath, [CHILD, world.logPath, world.logFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('killed again and again while the log is written and rotated, it ships every line once, in order', async () => {
  world = await World.create();
  const below = random(42);
  const lines: string[] = [];
  let rest = '';
  let rotations = 0;

  const write = () => {
    const count = below(20) === 0 ? 3_000 : below(30);
    let text = rest;
    for (let i = 0; i < count; i++) {
      const line = `{"n":${lines.length},"request_id":"${below(1e9)}","pad":"${'p'.repeat(below(300))}"}`;
      lines.push(line);
      text += `${line}\n`;
    }
    // Half a line now, the other half with the next write.
    const cut = below(3) === 0 ? text.length - below(Math.min(text.length, 200) + 1) : text.length;
    world.append(text.slice(0, cut));
    rest = text.slice(cut);
  };
  const isShipped = async (path: string) => {
    const state = await readState(world.log, TOPICS.shipperState, 'web');
    const { ino, size } = statSync(path);
    return state?.files.some((file) => file.inode === String(ino) && file.offset === size) ?? false;
  };
  const rotate = async () => {
    world.append(rest);
    rest = '';
    const oldest = world.path(`.${KEPT}`);
    if (existsSync(oldest)) {
      if (!(await isShipped(oldest))) return;
      unlinkSync(oldest);
    }
    for (let i = KEPT - 1; i >= 1; i--) {
      if (existsSync(world.path(`.${i}`))) renameSync(world.path(`.${i}`), world.path(`.${i + 1}`));
    }
    world.rotate();
    world.append('');
    rotations += 1;
  };

  for (let kills = 0; kills < KILLS; kills++) {
    spawnShipper();
    const started = once(child.stdout!, 'data');
    write();
    await started;
    for (let steps = 5 + below(60); steps > 0; steps--) {
      write();
      if (below(25) === 0) await rotate();
      await new Promise((resolve) => setTimeout(resolve, below(4)));
    }
    await kill();
    write();
    await rotate();
  }

  spawnShipper();
  world.append(rest);
  await until('every line is shipped', async () => {
    const ends = await world.log.ends(TOPICS.raw);
    return ends[0]!.end >= lines.length;
  });
  expect(rotations).toBeGreaterThan(5);
  expect(await world.messages()).toEqual(lines);
  expect(await world.failures()).toEqual([]);
});
