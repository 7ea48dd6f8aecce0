import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './lines.ts';

type Found =
  | { offset: number; bytes: string }
  | { offset: number; tooLong: number; sha256: string; head: string };

function split(splitter: LineSplitter, chunks: Buffer[]): Found[] {
  const found: Found[] = [];
  for (const chunk of chunks) {
    // As the shipper does it, every chunk is read into the same memory.
    const memory = Buffer.from(chunk);
    splitter.feed(memory);
    for (let kind = splitter.next(); kind !== null; kind = splitter.next()) {
      const { source, start, end, lineOffset, oversized } = splitter;
      found.push(
        kind === 'line'
          ? { offset: lineOffset, bytes: source.toString('latin1', start, end) }
          : {
              offset: lineOffset,
              tooLong: oversized!.bytes,
              sha256: oversized!.sha256,
              head: oversized!.head.toString('latin1'),
            },
      );
    }
    memory.fill(0x58);
  }
  return found;
}

/** The rules, said slowly. */
function reference(text: string, limit: number): { found: Found[]; rest: string } {
  const found: Found[] = [];
  const parts = text.split('\n');
  const rest = parts.pop()!;
  let offset = 0;
  for (const part of parts) {
    const line = part.endsWith('\r') ? part.slice(0, -1) : part;
    if (part.length > limit) {
      const sha256 = createHash('sha256').update(part, 'latin1').digest('hex');
      found.push({ offset, tooLong: part.length, sha256, head: part.slice(0, 1024) });
    } else if (line !== '') {
      found.push({ offset, bytes: line });
    }
    offset += part.length + 1;
  }
  return { found, rest };
}

const bytes = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', '\n\n', 'a', 'bc', '\xff', '\0', 'x'.repeat(9)), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''));

function cut(text: string, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((one) => one % (text.length + 1)))].sort((a, b) => a - b);
  const all = [0, ...places, text.length];
  return all.slice(1).map((end, i) => Buffer.from(text.slice(all[i], end), 'latin1'));
}

test('any bytes give the same lines however they are cut into chunks', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (text, cuts, limit) => {
      const splitter = new LineSplitter(limit);
      const { found, rest } = reference(text, limit);
      expect(split(splitter, cut(text, cuts))).toEqual(found);
      expect(splitter.rest()?.bytes ?? 0).toBe(rest.length);
      expect(splitter.readAt).toBe(text.length);
      expect(splitter.offset).toBe(text.length - rest.length);
      if (rest.length > limit) {
        expect(splitter.rest()!.sha256).toBe(createHash('sha256').update(rest, 'latin1').digest('hex'));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('reading can begin again at the offset of any line', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), (text, pick) => {
      const { found } = reference(text, 1_000);
      fc.pre(found.length > 0);
      const from = found[pick % found.length]!.offset;
      const splitter = new LineSplitter(1_000);
      splitter.reset(from);
      const again = split(splitter, [Buffer.from(text.slice(from), 'latin1')]);
      expect(again).toEqual(found.filter(({ offset }) => offset >= from));
    }),
  );
});

test('a line far beyond the limit is passed over without being kept', () => {
  const splitter = new LineSplitter(100);
  for (let i = 0; i < 50; i++) {
    splitter.feed(Buffer.alloc(200_000, 'y'));
    expect(splitter.next()).toBeNull();
    expect(splitter.rest()!.whole).toBeNull();
  }
  splitter.feed(Buffer.from('\nnext\n'));
  expect(splitter.next()).toBe('oversized');
  expect(splitter.oversized).toEqual({
    head: Buffer.alloc(1024, 'y'),
    whole: null,
    sha256: createHash('sha256').update(Buffer.alloc(10_000_000, 'y')).digest('hex'),
    bytes: 10_000_000,
  });
  expect(splitter.next()).toBe('line');
  expect(splitter.lineOffset).toBe(10_000_001);
});
