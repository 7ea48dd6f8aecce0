import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FilebeatRegistry } from './filebeat-registry.ts';

let folder: string;
let accessLog: string;
let registry: FilebeatRegistry;
let notes: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickproof-registry-'));
  notes = join(folder, 'data', 'registry', 'filebeat');
  mkdirSync(join(folder, 'access'));
  accessLog = join(folder, 'access', 'tracking.log');
  registry = new FilebeatRegistry(join(folder, 'data'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keyOf = (path: string) => {
  const { ino, dev } = statSync(path);
  return `filestream::tracking::native::${ino}-${dev}`;
};
let id = 0;
/** As Filebeat notes it. */
const note = (path: string, cursor: { offset: number } | null, op = 'set') => {
  mkdirSync(notes, { recursive: true });
  const v = { ttl: 0, cursor, meta: { source: path } };
  const line = `{"op":"${op}","id":${++id}}\n${JSON.stringify({ k: keyOf(path), ...(op === 'set' && { v }) })}\n`;
  appendFileSync(join(notes, 'log.json'), line);
};
const unshipped = () => registry.unshippedBytes(accessLog);

it('is all that there is before Filebeat has begun, whole lines only', async () => {
  writeFileSync(accessLog, `one\ntwo\n${'x'.repeat(100_000)}`);
  expect(await unshipped()).toBe(8);
  appendFileSync(accessLog, '\n');
  expect(await unshipped()).toBe(100_009);
  writeFileSync(accessLog, 'torn');
  expect(await unshipped()).toBe(0);
});

it('is what lies beyond the noted offsets, by file, whatever it is called', async () => {
  writeFileSync(accessLog, 'one\ntwo\n');
  note(accessLog, null);
  expect(await unshipped()).toBe(8);
  note(accessLog, { offset: 4 });
  expect(await unshipped()).toBe(4);
  renameSync(accessLog, `${accessLog}.1`);
  writeFileSync(accessLog, 'three\n');
  expect(await unshipped()).toBe(10);
  note(`${accessLog}.1`, { offset: 8 });
  note(accessLog, { offset: 6 });
  expect(await unshipped()).toBe(0);
});

it('is known again after a snapshot, with which the notes begin anew', async () => {
  writeFileSync(accessLog, 'one\ntwo\nthree\n');
  note(accessLog, { offset: 4 });
  expect(await unshipped()).toBe(10);
  const state = { _key: keyOf(accessLog), cursor: { offset: 8 } };
  writeFileSync(join(notes, '9.json'), `[\n${JSON.stringify(state)}\n]`);
  writeFileSync(join(notes, 'log.json'), '');
  expect(await unshipped()).toBe(6);
  note(accessLog, { offset: 14 });
  expect(await unshipped()).toBe(0);
  note(accessLog, null, 'remove');
  expect(await unshipped()).toBe(14);
});

it('may be asked by several at once', async () => {
  writeFileSync(accessLog, 'one\ntwo\n');
  note(accessLog, null);
  note(accessLog, { offset: 4 });
  expect(await Promise.all([unshipped(), unshipped(), unshipped()])).toEqual([4, 4, 4]);
  note(accessLog, { offset: 8 });
  expect(await unshipped()).toBe(0);
});

it('waits for the end of a note', async () => {
  writeFileSync(accessLog, 'one\n');
  note(accessLog, null);
  const log = join(notes, 'log.json');
  const line = `{"k":"${keyOf(accessLog)}","v":{"cursor":{"offset":4}}}\n`;
  appendFileSync(log, `{"op":"set","id":99}\n${line.slice(0, 20)}`);
  expect(await unshipped()).toBe(4);
  appendFileSync(log, line.slice(20));
  expect(await unshipped()).toBe(0);
});
