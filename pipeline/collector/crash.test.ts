import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CHILD = fileURLToPath(new URL('fixtures/child.ts', import.meta.url));
const CONNECTIONS = 16;
/** Long enough that lines do not fit one page of the file cache. */
const FILL = 'x'.repeat(3_000);

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collector-crash-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(settings: object): Promise<{ child: ChildProcess; port: number }> {
  const accessLog = join(folder, 'tracking.log');
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ port: 0, accessLog, ...settings })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [url] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, port: Number(new URL(url.toString().trim()).port) };
}

/** Sends numbered requests over several connections until the collector is gone; notes which were acknowledged. */
async function load(
  port: number,
  numbers: () => number,
  acknowledged: Set<number>,
  reached: () => void,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const send = (n: number) =>
    new Promise<boolean>((resolve) => {
      const post = n % 2 === 1;
      const path = post ? `/com.acme/v1?n=${n}` : `/i?n=${n}&fill=${FILL}`;
      const req = request({ host: '127.0.0.1', port, agent, path, method: post ? 'POST' : 'GET' }, (res) => {
        res.resume();
        res.on('error', () => resolve(false));
        res.on('end', () => resolve(res.statusCode === 200));
        res.on('close', () => resolve(false));
      });
      req.on('error', () => resolve(false));
      req.end(post ? FILL : undefined);
    });
  const connection = async () => {
    for (;;) {
      const n = numbers();
      if (!(await send(n))) return;
      acknowledged.add(n);
      reached();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
}

function logged(): { numbers: Set<number>; torn: number } {
  const numbers = new Set<number>();
  let torn = 0;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'latin1');
    expect(text.endsWith('\n') || text === '').toBe(true);
    for (const line of text.split('\n').slice(0, -1)) {
      try {
        numbers.add(Number(/n=(\d+)/.exec(JSON.parse(line).query_string)![1]));
      } catch {
        torn++;
      }
    }
  }
  return { numbers, torn };
}

test.each([
  { what: 'the log in memory of the operating system', settings: {} },
  { what: 'the log on the disk', settings: { fsync: 'batch' } },
  { what: 'the log rotated all the time', settings: { rotateSize: 200_000 } },
])('killed in mid-load, $what: what was acknowledged is there, whole', async ({ settings }) => {
  const acknowledged = new Set<number>();
  let next = 0;
  const kills = 2;
  for (let i = 0; i < kills; i++) {
    const { child, port } = await start(settings);
    const goal = acknowledged.size + 400;
    await load(
      port,
      () => next++,
      acknowledged,
      () => acknowledged.size >= goal && child.kill('SIGKILL'),
    );
  }
  const { child } = await start(settings);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);

  const { numbers, torn } = logged();
  expect([...acknowledged].filter((n) => !numbers.has(n))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(kills * 400);
  expect(torn).toBeLessThanOrEqual(kills);
});
