import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../contracts/running.ts';
import { diskLogFiles, type LogFile, type LogFiles } from './log-file.ts';
import { LogWriter, type LogWriterOptions } from './log-writer.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-writer-'));
  path = join(folder, 'tracking.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the next calls of an open file do instead of what they should. */
interface Faults {
  /** One entry a write: how many bytes it takes, or the error after it took so many. */
  writes: (number | { took: number; code: string })[];
  truncate?: string;
  sync?: string;
  open?: string;
  rename?: string;
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function faulty(faults: Faults): LogFiles {
  const wrap = (file: LogFile): LogFile => ({
    ...file,
    async write(buffer, offset, length) {
      const fault = faults.writes.shift();
      if (fault === undefined) return file.write(buffer, offset, length);
      if (typeof fault === 'number') return file.write(buffer, offset, Math.min(fault, length));
      if (fault.took > 0) {
        // The disk fills up in mid-write: what fits is taken, the next call fails.
        faults.writes.unshift({ took: 0, code: fault.code });
        return file.write(buffer, offset, Math.min(fault.took, length));
      }
      throw failure(fault.code);
    },
    async truncate(size) {
      if (faults.truncate) throw failure(faults.truncate);
      await file.truncate(size);
    },
    async sync() {
      if (faults.sync) throw failure(faults.sync);
      await file.sync();
    },
  });
  return {
    ...diskLogFiles,
    async open(name) {
      if (faults.open) throw failure(faults.open);
      return wrap(await diskLogFiles.open(name));
    },
    async rename(from, to) {
      if (faults.rename) throw failure(faults.rename);
      await diskLogFiles.rename(from, to);
    },
  };
}

function open(more: Partial<LogWriterOptions> = {}): Promise<LogWriter> {
  return LogWriter.open({
    path,
    files: diskLogFiles,
    diagnostics: silent,
    now: () => 1_700_000_000_000,
    fsync: false,
    rotateSize: 0,
    rotateKeep: 0,
    maxQueuedBytes: 1_000_000,
    ...more,
  });
}

/** Appends a line and says what became of it. */
function append(writer: LogWriter, line: string): Promise<'written' | 'lost' | 'refused'> {
  return new Promise((resolve) => {
    const waiter = { lineWritten: () => resolve('written'), lineLost: () => resolve('lost') };
    if (!writer.append(line, waiter)) resolve('refused');
  });
}

const content = (name = path) => readFileSync(name, 'latin1');
const rotated = () =>
  readdirSync(folder)
    .filter((name) => name !== 'tracking.log')
    .sort();

describe('whole lines', () => {
  test('lines of one turn are written in order, bytes as they are', async () => {
    const writer = await open();
    const fates = await Promise.all(['a\n', '\xff\x80\n', 'c\n'].map((line) => append(writer, line)));
    expect(fates).toEqual(['written', 'written', 'written']);
    await writer.close();
    expect(content()).toBe('a\n\xff\x80\nc\n');
  });

  test('more than one write holds is written all the same', async () => {
    const writer = await open({ maxQueuedBytes: 20_000_000 });
    const line = `${'x'.repeat(3_000_000)}\n`;
    expect(await Promise.all([line, line, line].map((each) => append(writer, each)))).toEqual(
      Array(3).fill('written'),
    );
    await writer.close();
    expect(content()).toBe(line.repeat(3));
  });

  test('an unended line of a predecessor is ended before anything is written', async () => {
    writeFileSync(path, 'whole\ntorn');
    const writer = await open();
    await append(writer, 'next\n');
    await writer.close();
    expect(content()).toBe('whole\ntorn\nnext\n');
  });

  test('a short write is gone on with', async () => {
    const writer = await open({ files: faulty({ writes: [1, 2, 1] }) });
    expect(await append(writer, 'abcdef\n')).toBe('written');
    await writer.close();
    expect(content()).toBe('abcdef\n');
  });

  test('beyond the queue limit lines are refused, later ones taken again', async () => {
    const writer = await open({ maxQueuedBytes: 5 });
    const first = append(writer, 'abc\n');
    expect(await append(writer, 'de\n')).toBe('refused');
    expect(await first).toBe('written');
    expect(await append(writer, 'de\n')).toBe('written');
    await writer.close();
    expect(await append(writer, 'f\n')).toBe('refused');
    expect(content()).toBe('abc\nde\n');
  });

  test('closing writes what waits', async () => {
    const writer = await open();
    const fate = append(writer, 'last\n');
    await Promise.all([writer.close(), writer.close()]);
    expect(await fate).toBe('written');
    expect(content()).toBe('last\n');
  });
});

describe('a full disk', () => {
  test('whole lines stay, the torn one is cut off, the next ones are written', async () => {
    const writer = await open({ files: faulty({ writes: [{ took: 5, code: 'ENOSPC' }] }) });
    const fates = await Promise.all(['ab\n', 'cd\n', 'ef\n'].map((line) => append(writer, line)));
    expect(fates).toEqual(['written', 'lost', 'lost']);
    expect(content()).toBe('ab\n');
    expect(await append(writer, 'gh\n')).toBe('written');
    await writer.close();
    expect(content()).toBe('ab\ngh\n');
  });

  test('where the file cannot be cut, the torn line is ended', async () => {
    const files = faulty({ writes: [{ took: 4, code: 'ENOSPC' }], truncate: 'EPERM' });
    const writer = await open({ files });
    expect(await Promise.all(['ab\n', 'cd\n'].map((line) => append(writer, line)))).toEqual([
      'written',
      'lost',
    ]);
    await writer.close();
    expect(content()).toBe('ab\nc\n');
  });

  test('where that fails too, nothing is written behind it until it works', async () => {
    const full = { took: 0, code: 'ENOSPC' };
    const faults: Faults = { writes: [{ took: 1, code: 'ENOSPC' }, full, full, full], truncate: 'EIO' };
    const writer = await open({ files: faulty(faults) });
    expect(await append(writer, 'ab\n')).toBe('lost');
    expect(await append(writer, 'cd\n')).toBe('lost');
    delete faults.truncate;
    expect(await append(writer, 'ef\n')).toBe('written');
    await writer.close();
    expect(content()).toBe('ef\n');
  });

  test('what was not put on the disk is not acknowledged', async () => {
    const faults: Faults = { writes: [], sync: 'EIO' };
    const writer = await open({ fsync: true, files: faulty(faults) });
    expect(await append(writer, 'ab\n')).toBe('lost');
    delete faults.sync;
    expect(await append(writer, 'cd\n')).toBe('written');
    await writer.close();
  });

  test('whatever fails when: acknowledged lines are in the file, whole, in order, and nothing is torn', async () => {
    const write = fc.oneof(
      fc.integer({ min: 0, max: 12 }),
      fc.record({ took: fc.integer({ min: 0, max: 12 }), code: fc.constant('ENOSPC') }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { maxLength: 12 }),
        fc.array(fc.nat(4), { maxLength: 6 }),
        async (writes, turns) => {
          rmSync(path, { force: true });
          const writer = await open({ files: faulty({ writes }) });
          const acknowledged: string[] = [];
          let number = 0;
          for (const count of turns) {
            const lines = Array.from({ length: count }, () => `{"n":${number++}}\n`);
            const fates = await Promise.all(lines.map((line) => append(writer, line)));
            acknowledged.push(...lines.filter((_line, i) => fates[i] === 'written'));
          }
          await writer.close();
          expect(content()).toBe(acknowledged.join(''));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('rotation', () => {
  test('by size: no line is lost, names sort by age', async () => {
    const writer = await open({ rotateSize: 6 });
    for (let i = 0; i < 7; i++) expect(await append(writer, `n${i}\n`)).toBe('written');
    await writer.close();
    expect(rotated()).toEqual([1, 2, 3].map((n) => `tracking.log.20231114T221320.000Z-00${n}`));
    const all = [...rotated().map((name) => content(join(folder, name))), content()];
    expect(all).toEqual(['n0\nn1\n', 'n2\nn3\n', 'n4\nn5\n', 'n6\n']);
    expect(writer.rotated).toBe(3);
  });

  test('the oldest go where a number to keep is set; strangers stay', async () => {
    writeFileSync(join(folder, 'tracking.log.1'), 'x');
    const writer = await open({ rotateSize: 1, rotateKeep: 2 });
    for (let i = 0; i < 5; i++) await append(writer, `n${i}\n`);
    await writer.reopen();
    await writer.close();
    expect(rotated()).toEqual([
      'tracking.log.1',
      'tracking.log.20231114T221320.000Z-004',
      'tracking.log.20231114T221320.000Z-005',
    ]);
  });

  test.each(['rename', 'open'] as const)(
    'goes on in the old file while %s fails, and tries again',
    async (call) => {
      const faults: Faults = { writes: [] };
      let now = 1_700_000_000_000;
      const { promise: warned, resolve: warn } = Promise.withResolvers<string>();
      const writer = await open({
        rotateSize: 4,
        files: faulty(faults),
        now: () => now,
        diagnostics: { ...silent, warn },
      });
      faults[call] = 'EMFILE';
      expect(await append(writer, 'abc\n')).toBe('written');
      expect(await warned).toContain('could not be rotated');
      expect(await append(writer, 'def\n')).toBe('written');
      delete faults[call];
      now += 60_000;
      expect(await append(writer, 'g\n')).toBe('written');
      await writer.reopen();
      await writer.close();
      expect(rotated()).toHaveLength(1);
      expect(content(join(folder, rotated()[0]!)) + content()).toBe('abc\ndef\ng\n');
    },
  );

  test('reopening goes on in a new file after somebody renamed the log, also under load', async () => {
    const writer = await open();
    const fates: Promise<string>[] = [];
    for (let i = 0; i < 300; i++) {
      fates.push(append(writer, `${i}\n`));
      if (i % 100 === 50) {
        renameSync(path, `${path}.${i}`);
        await writer.reopen();
      }
    }
    expect(new Set(await Promise.all(fates))).toEqual(new Set(['written']));
    await writer.close();
    const all = ['50', '150', '250'].map((i) => content(`${path}.${i}`)).join('') + content();
    expect(all).toBe(Array.from({ length: 300 }, (_, i) => `${i}\n`).join(''));
  });

  test('reopening ends an unended line in the file it finds', async () => {
    const writer = await open();
    renameSync(path, `${path}.old`);
    appendFileSync(path, 'torn');
    await writer.reopen();
    await append(writer, 'a\n');
    await writer.close();
    expect(content()).toBe('torn\na\n');
  });
});
