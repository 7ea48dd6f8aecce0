import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.ts';

const piece = fc.oneof(
  fc.record({ text: fc.string({ unit: 'binary' }), times: fc.constantFrom(1, 9, 9_000) }),
  fc.uint8Array({ maxLength: 100 }),
  fc.nat(255),
);

test('texts come out as they were written, and stay as they are', () => {
  const writer = new ByteWriter();
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 12 }), (texts) => {
      const written = texts.map((pieces) => {
        writer.byte(1);
        writer.begin();
        const expected: Buffer[] = [];
        for (const one of pieces) {
          const bytes =
            typeof one === 'number'
              ? Buffer.of(one)
              : 'text' in one
                ? Buffer.from(one.text.repeat(one.times))
                : Buffer.from(one);
          expected.push(bytes);
          if (typeof one === 'number') writer.byte(one);
          else if ('text' in one) writer.text(one.text.repeat(one.times));
          else writer.copy(Buffer.concat([Buffer.of(7), bytes, Buffer.of(7)]), 1, bytes.length + 1);
        }
        return { got: writer.take(), expected: Buffer.concat(expected) };
      });
      for (const { got, expected } of written) expect(got.equals(expected)).toBe(true);
    }),
  );
});
