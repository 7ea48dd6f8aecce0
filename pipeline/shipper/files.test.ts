import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readState } from './state.ts';
import { shipped, TOPICS, until, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

test('lines are shipped in order with their place, by the line rules', async () => {
  world.append('one\n\n two \r\n');
  const shipper = await world.start();
  await shipped(shipper, 2);
  world.append(Buffer.concat([Buffer.from([0xe2, 0x82, 0x41]), Buffer.from('\nunfinished')]));
  await shipped(shipper, 3);
  await until('the unfinished line is seen', () => shipper.stats().unreadBytes === 10);
  world.append(' business\n');
  await shipped(shipper, 4);
  const envelopes = await world.envelopes();
  expect(envelopes.map(({ log, message }) => [log.offset, message])).toEqual([
    [0, 'one'],
    [5, ' two '],
    [12, '\ufffd\ufffdA'],
    [16, 'unfinished business'],
  ]);
  expect(envelopes[0]!.log.file.path).toBe(world.logFile);
});

test('a restart goes on where the last one stopped', async () => {
  world.append('a\nb\n');
  const first = await world.start();
  await shipped(first, 2);
  await first.stop();
  world.append('c\n');
  const second = await world.start();
  await shipped(second, 1);
  expect(await world.messages()).toEqual(['a', 'b', 'c']);
});

test('nothing is lost or out of order through rotation, and a late write to the old file arrives', async () => {
  world.append('a1\na2\n');
  const shipper = await world.start();
  await shipped(shipper, 2);
  world.append('a3\n');
  world.rotate();
  world.append('b1\n');
  await shipped(shipper, 4);
  world.append('a4\n', '.1');
  await shipped(shipper, 5);
  world.append('b2\n');
  await shipped(shipper, 6);
  expect(await world.messages()).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'b2']);
});

test('what was rotated again and again while nobody looked is shipped oldest first', async () => {
  for (const name of ['one', 'two', 'three']) {
    world.append(`${name}\n`);
    for (const [from, to] of [
      ['.2', '.3'],
      ['.1', '.2'],
    ]) {
      if (existsSync(world.path(from))) renameSync(world.path(from), world.path(to));
    }
    world.rotate();
  }
  world.append('four\n');
  const shipper = await world.start();
  await shipped(shipper, 4);
  expect(await world.messages()).toEqual(['one', 'two', 'three', 'four']);
});

test('a renamed, fully shipped file is not shipped again by a later start', async () => {
  world.append('a\n');
  await shipped(await world.start(), 1);
  world.rotate('-20240101');
  world.append('b\n');
  const again = await world.start();
  await shipped(again, 1);
  world.append('c\n');
  await shipped(again, 2);
  expect(await world.messages()).toEqual(['a', 'b', 'c']);
});

test('a truncated file is shipped anew, and bytes that were never read are named', async () => {
  world.append('first\nunfinished');
  const shipper = await world.start();
  await until('the unfinished line is seen', () => shipper.stats().unreadBytes === 10);
  truncateSync(world.logFile);
  await until('the truncation is noticed', () => shipper.stats().replaced === 1);
  expect(shipper.stats().lostBytes).toBe(10);
  expect(world.notes.join()).toContain('Bytes 6 to 16 had not been read and are lost');
  world.append('second\n');
  await shipped(shipper, 2);
  expect((await world.envelopes()).map(({ log }) => log.offset)).toEqual([0, 0]);
});

test('a truncated file that grows to the offset it had before is not shipped again after a restart', async () => {
  world.append('a1\na2\n');
  const first = await world.start();
  await shipped(first, 2);
  truncateSync(world.logFile);
  world.append('b1\nb2\n');
  await shipped(first, 4);
  await first.stop();
  world.append('b3\n');
  const second = await world.start();
  await shipped(second, 1);
  expect(await world.messages()).toEqual(['a1', 'a2', 'b1', 'b2', 'b3']);
});

test('a file truncated and grown past the old position between two looks is shipped anew', async () => {
  world.append('first\n');
  const shipper = await world.start();
  await shipped(shipper, 1);
  writeFileSync(world.logFile, 'another\nand more\n');
  await shipped(shipper, 3);
  expect(await world.messages()).toEqual(['first', 'another', 'and more']);
  expect(shipper.stats().lostBytes).toBe(0);
});

test('other content under the same inode while the shipper was down is shipped anew', async () => {
  world.append('first\n');
  const shipper = await world.start();
  await shipped(shipper, 1);
  await shipper.stop();
  writeFileSync(world.logFile, 'other content\nlonger than before\n');
  await shipped(await world.start(), 2);
  expect(await world.messages()).toEqual(['first', 'other content', 'longer than before']);
  expect(world.notes.join()).toContain('truncated or replaced');
});

test('a file replaced while the shipper was down is shipped, whatever inode it got', async () => {
  world.append('first\n');
  const shipper = await world.start();
  await shipped(shipper, 1);
  await shipper.stop();
  unlinkSync(world.logFile);
  world.append('other 1\nother 2\n');
  await shipped(await world.start(), 2);
  expect(await world.messages()).toEqual(['first', 'other 1', 'other 2']);
});

test('a rotated file that was read, closed and deleted may give its inode to a new one', async () => {
  const shipper = await world.start({ closeInactive: 0 });
  const expected: string[] = [];
  for (let i = 0; i < 6; i++) {
    world.append(`line ${i}\n`);
    expected.push(`line ${i}`);
    await shipped(shipper, i + 1);
    rmSync(world.path('.1'), { force: true });
    world.rotate();
    world.append('');
    await until('the rotated file is closed', () => shipper.stats().openFiles === 1);
  }
  expect(await world.messages()).toEqual(expected);
});

test('a file deleted before it was read to its end is still read through the open descriptor', async () => {
  world.append('a\n');
  const shipper = await world.start();
  await shipped(shipper, 1);
  world.append('b\n');
  unlinkSync(world.logFile);
  world.append('c\n');
  await shipped(shipper, 3);
  expect(await world.messages()).toEqual(['a', 'b', 'c']);
});

test('the torn end of a rotated file goes to tracking_failed once it has been quiet', async () => {
  world.append('whole\n{"torn":"ü');
  const shipper = await world.start({ closeInactive: 30 });
  await shipped(shipper, 1);
  world.rotate();
  world.append('next\n');
  await until('the torn end is given up', () => shipper.stats().failed === 1);
  await shipped(shipper, 2);
  expect(await world.failures()).toMatchObject([
    {
      failure: { type: 'torn_line', stage: 'shipper', errors: [{ code: 'unterminated_line' }] },
      payload: { path: world.path('.1'), offset: 6, bytes: 11, line: '{"torn":"ü' },
      source: { offset: 6 },
    },
  ]);
  await shipper.stop();
  const again = await world.start({ closeInactive: 0 });
  world.append('last\n');
  await shipped(again, 1);
  expect(await world.failures()).toHaveLength(1);
  expect(await world.messages()).toEqual(['whole', 'next', 'last']);
});

test('an incomplete line that the collector cuts back is never seen', async () => {
  world.append('whole\n{"cut back');
  const shipper = await world.start();
  await until('the incomplete line is seen', () => shipper.stats().unreadBytes === 10);
  truncateSync(world.logFile, 6);
  world.append('{"another one, longer"}\n');
  await shipped(shipper, 2);
  expect(await world.messages()).toEqual(['whole', '{"another one, longer"}']);
  expect(shipper.stats()).toMatchObject({ replaced: 0, lostBytes: 0, failed: 0 });
});

test('a line of 10 MB is accounted for and its neighbours arrive', async () => {
  const huge = Buffer.alloc(10_000_000, 'h');
  world.append(Buffer.concat([Buffer.from('before\n'), huge, Buffer.from('\nafter\n')]));
  const shipper = await world.start();
  await shipped(shipper, 2);
  expect(await world.messages()).toEqual(['before', 'after']);
  const sha256 = createHash('sha256').update(huge).digest('hex');
  expect(await world.failures()).toMatchObject([
    {
      failure: { type: 'size_violation' },
      payload: { offset: 7, bytes: 10_000_000, sha256, head: 'h'.repeat(1024) },
    },
  ]);
});

test('a line within the limit whose record would be too large is accounted for', async () => {
  world.append(`${'\0'.repeat(100_000)}\nafter\n`);
  const shipper = await world.start({ maxBodyBytes: 1 });
  await shipped(shipper, 1);
  expect(await world.failures()).toMatchObject([
    { failure: { type: 'size_violation' }, payload: { bytes: 100_000 } },
  ]);
});

test('a directory that is made later, a compressed file and a link are no trouble', async () => {
  rmSync(world.logDirectory, { recursive: true });
  const shipper = await world.start();
  mkdirSync(world.logDirectory);
  world.append('not text\n', '.1.gz');
  mkdirSync(world.path('.d'));
  world.append('a\n');
  linkSync(world.logFile, world.path('.link'));
  await shipped(shipper, 1);
  rmSync(world.logDirectory, { recursive: true });
  mkdirSync(world.logDirectory);
  world.append('b\n');
  await shipped(shipper, 2);
  expect(await world.messages()).toEqual(['a', 'b']);
  expect(world.notes.filter((note) => note.includes('tracking.log.1.gz is compressed'))).toHaveLength(1);
});

test('many rotated files are shipped with few open', async () => {
  const expected: string[] = [];
  for (let i = 0; i < 40; i++) {
    const name = String(i).padStart(2, '0');
    writeFileSync(world.path(`-${name}`), `${name} x\n${name} y\ntorn`);
    expected.push(`${name} x`, `${name} y`);
  }
  world.append('live\n');
  const shipper = await world.start({ maxOpenFiles: 3, closeInactive: 30 });
  let most = 0;
  await until('everything is shipped', () => {
    most = Math.max(most, shipper.stats().openFiles);
    return shipper.stats().lines === 81 && shipper.stats().failed === 40;
  });
  expect(most).toBeLessThanOrEqual(4);
  expect(await world.messages()).toEqual([...expected, 'live']);
});

test('batches of one line and of a few bytes keep everything', async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i} ${'x'.repeat(i)}`);
  world.append(`${lines.join('\n')}\n`);
  const shipper = await world.start({ batchLines: 7, batchBytes: 500, readBytes: 64 });
  await shipped(shipper, 200);
  expect(await world.messages()).toEqual(lines);
  expect(shipper.stats().transactions).toBeGreaterThan(40);
});

test('a file given by hand is shipped once, to its end, and once more only when told so', async () => {
  const path = join(world.directory, 'old.log');
  writeFileSync(path, 'a\nb\n{"whole":1}');
  const ship = async (settings = {}) => {
    const shipper = await world.start({ from: path, ...settings });
    await shipper.done;
    return shipper.stats().lines;
  };
  const follower = await world.start();
  expect(await ship()).toBe(3);
  expect(await ship()).toBe(0);
  expect(world.notes.join()).toContain('15 bytes of');
  writeFileSync(path, '\nc\n', { flag: 'a' });
  expect(await ship()).toBe(1);
  expect(await ship({ again: 'true' })).toBe(4);
  expect(await ship()).toBe(0);
  copyFileSync(path, join(world.directory, 'copy.log'));
  expect(await ship({ from: join(world.directory, 'copy.log') })).toBe(4);
  world.append('live\n');
  await shipped(follower, 1);
  expect(await world.messages()).toEqual([
    ...['a', 'b', '{"whole":1}', 'c'],
    ...['a', 'b', '{"whole":1}', 'c'],
    ...['a', 'b', '{"whole":1}', 'c'],
    'live',
  ]);
});

test('what the follower has shipped of a file is left out when it is given by hand', async () => {
  world.append('a\n');
  const follower = await world.start();
  await shipped(follower, 1);
  await follower.stop();
  world.append('b\n');
  const byHand = await world.start({ from: world.logFile });
  await byHand.done;
  expect(await world.messages()).toEqual(['a', 'b']);
});

test('a file that is not there is said to be missing', async () => {
  await expect(world.start({ from: '/no/such/file' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('a directory that is away for a while (a volume not mounted yet) forgets no position', async () => {
  world.append('one\ntwo\n');
  const first = await world.start();
  await shipped(first, 2);
  await first.stop();
  const away = join(world.directory, 'away');
  renameSync(world.logDirectory, away);
  const second = await world.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  renameSync(away, world.logDirectory);
  world.append('three\n');
  await shipped(second, 1);
  await until('nothing is unread', () => second.stats().unreadBytes === 0);
  expect(await world.messages()).toEqual(['one', 'two', 'three']);
});

test('more files than the position can name: those shipped stay named, the others wait until there is room', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `-${String(i).padStart(2, '0')}`);
  for (const name of names) writeFileSync(world.path(name), `line ${name}\n`);
  world.append('live\n');
  const few = { stateBytes: 3_000 };
  const first = await world.start({}, world.log, few);
  await until('newer files wait', () => world.notes.some((note) => note.includes('newer ones wait')));
  expect(world.notes.join()).toContain('files are kept beside the access log');
  await until('what has room is shipped', async () => (await world.messages()).length > 5);
  const before = await world.messages();
  expect(before.length).toBeGreaterThan(5);
  expect(before.length).toBeLessThan(30);
  expect(first.stats().unreadBytes).toBeGreaterThan(0);
  await first.stop();

  // A deleted file keeps its place until it is closed.
  const second = await world.start({ closeInactive: 30 }, world.log, few);
  for (const name of names) {
    await until(`${name} is shipped`, async () => (await world.messages()).includes(`line ${name}`));
    unlinkSync(world.path(name));
  }
  await until('the live one is shipped', async () => (await world.messages()).includes('live'));
  expect(second.stats()).toMatchObject({ unreadBytes: 0, lostBytes: 0 });
  expect(await world.messages()).toEqual([...names.map((name) => `line ${name}`), 'live']);
});

test('paths that have become longer than the position has room for are left out of it', async () => {
  const few = { stateBytes: 3_000 };
  for (let i = 0; i < 10; i++) writeFileSync(world.path(`-${i}`), `line ${i}\n`);
  const first = await world.start({}, world.log, few);
  await shipped(first, 10);
  for (let i = 0; i < 10; i++) renameSync(world.path(`-${i}`), world.path(`-${i}-${'x'.repeat(200)}`));
  world.append('last\n', '-0');
  await first.stop();
  writeFileSync(world.path(`-0-${'x'.repeat(200)}`), 'more\n', { flag: 'a' });
  const second = await world.start({}, world.log, few);
  await shipped(second, 1);
  await second.stop();
  expect((await readState(world.log, TOPICS.shipperState, 'web'))?.files[0]).toMatchObject({ path: '' });
  expect((await world.messages()).filter((message) => message.startsWith('line'))).toHaveLength(10);
});
