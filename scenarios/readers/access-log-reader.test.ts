import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accessLogLines } from './access-log-reader.ts';

let folder: string;
let live: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickproof-log-'));
  live = join(folder, 'tracking.log');
});
afterEach(() => rm(folder, { recursive: true }));

async function read(mostLineBytes?: number): Promise<(readonly [offset: number, text: string])[]> {
  const lines = [];
  for await (const { offset, text } of accessLogLines(
    live,
    mostLineBytes === undefined ? {} : { mostLineBytes },
  ))
    lines.push([offset, text] as const);
  return lines;
}

it('reads whole lines with their places, without empty ones, returns and an unterminated end', async () => {
  await writeFile(live, 'one\r\n\n\r\ntwo \nthree');
  expect(await read()).toEqual([
    [0, 'one'],
    [8, 'two '],
  ]);
});

it('reads lines longer than a piece of the file, as the shipper reads their bytes', async () => {
  const long = 'é'.repeat(1_500_000);
  await writeFile(
    live,
    Buffer.concat([Buffer.from(`${long}\n`), Buffer.from([0xff, 0x0a]), Buffer.from('end\n')]),
  );
  expect(await read()).toEqual([
    [0, long],
    [3_000_001, '\ufffd'],
    [3_000_003, 'end'],
  ]);
});

it('keeps no more of a line than it may, and goes on behind it', async () => {
  await writeFile(live, `${'x'.repeat(3_000_000)}\nend\n`);
  expect(await read(10)).toEqual([
    [0, 'xxxxxxxxxx'],
    [3_000_001, 'end'],
  ]);
});

it('reads rotated files first, the oldest before the others', async () => {
  for (const [i, name] of [
    'tracking.log.1',
    'tracking.log',
    'tracking.log-0',
    'tracking.log.2.gz',
    'other.log',
  ].entries()) {
    await writeFile(join(folder, name), `${name}\n`);
    await utimes(join(folder, name), 1_000, 1_000 - i);
  }
  expect((await read()).map(([, text]) => text)).toEqual([
    'tracking.log-0',
    'tracking.log.1',
    'tracking.log',
  ]);
});

it('says that the log cannot be read', async () => {
  live = join(folder, 'missing', 'tracking.log');
  await expect(read()).rejects.toMatchObject({ code: 'HOP_UNREADABLE' });
});
