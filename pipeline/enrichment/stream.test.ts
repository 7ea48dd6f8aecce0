import { expect, test } from 'vitest';
import { recordedLines } from './fixtures/recorded.ts';
import { enrichStream } from './stream.ts';

const lines = recordedLines();

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function run(text: string | Uint8Array, size = 1000, maxLineBytes?: number) {
  let output = '';
  const write = async (piece: string): Promise<void> => {
    output += piece;
  };
  const options = maxLineBytes === undefined ? {} : { maxLineBytes };
  const counts = await enrichStream(inPieces(Buffer.from(text), size), write, options);
  const records = output
    .split('\n')
    .filter((record) => record !== '')
    .map((record) => JSON.parse(record));
  return { counts, records, output };
}

const log = lines.map((line) => `${JSON.stringify(line)}\n`).join('');

test('events come out in the order of the lines, however the bytes came in', async () => {
  const whole = await run(log, 1 << 20);
  expect(whole.counts).toMatchObject({ lines: 24, tracker: 24, malformed: 0, failures: 0 });
  expect(whole.records.length).toBe(whole.counts.events);
  const order = whole.records.map(({ request_id, index }) => Number.parseInt(request_id, 16) * 1000 + index);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect((await run(log, 7)).output).toBe(whole.output);
  expect((await run(log.replaceAll('\n', '\r\n\n').trimEnd(), 64)).output).toBe(whole.output);
});

test('envelopes give the same events as bare lines but for the time of receipt', async () => {
  const shipped = lines
    .map((line) =>
      JSON.stringify({ '@timestamp': '2026-11-23T16:37:50.250Z', message: JSON.stringify(line) }),
    )
    .join('\n');
  expect((await run(shipped)).output).toBe((await run(log)).output);
});

test('an event has its entities in their wrappers', async () => {
  const { records } = await run(log);
  const { event } = records[0];
  expect(event.contexts.schema).toBe('iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0');
  expect(event.derived_contexts.data).toHaveLength(1);
  expect(event).not.toHaveProperty('unstruct_event');
  expect(records.some(({ event }) => event.unstruct_event?.data.schema.startsWith('iglu:'))).toBe(true);
});

test('what is no tracker request gives no record but is counted', async () => {
  const other = [{ uri: '/health' }, { status: '414' }].map((change) =>
    JSON.stringify({ ...lines[0], ...change }),
  );
  const { counts, records } = await run([...other, JSON.stringify(lines[0])].join('\n'));
  expect(counts).toMatchObject({ lines: 3, tracker: 1, refused: 1, ignored: 1, malformed: 0 });
  expect(records).toHaveLength(1);
});

test('malformed lines, lines too long and invalid UTF-8 are told, and the next line is read', async () => {
  const good = JSON.stringify(lines[0]);
  const bytes = Buffer.concat([
    Buffer.from(`nonsense\n${'x'.repeat(100_000)}\n`),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from(`${good}\n`),
  ]);
  const { counts, records } = await run(bytes, 100, 10_000);
  expect(counts).toMatchObject({ lines: 4, tracker: 1, malformed: 3, events: 1, failures: 3 });
  expect(records.map(({ failed }) => failed?.errors[0].code)).toEqual([
    'invalid_json',
    'line_too_long',
    'invalid_json',
    undefined,
  ]);
  expect(records[1]).toMatchObject({
    request_id: null,
    index: null,
    failed: { payload: 'x'.repeat(10_000) },
  });
});

test('lines that say the same get ids of their own from their place', async () => {
  const line = JSON.stringify({ ...lines[0], request_id: '', query_string: 'e=pv' });
  const { records } = await run(`${line}\n${line}\n`);
  expect(records[0].event.event_id).not.toBe(records[1].event.event_id);
  expect((await run(`${line}\n${line}\n`)).records).toEqual(records);
});

test('nothing more is read while the reader of the output is slow', async () => {
  let asked = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (; asked < 1000; asked++) yield Buffer.from(log);
  }
  const full = new Error('full');
  const writes: number[] = [];
  const write = (): Promise<void> => {
    writes.push(asked);
    return writes.length < 3 ? Promise.resolve() : Promise.reject(full);
  };
  await expect(enrichStream(source(), write)).rejects.toBe(full);
  expect(Math.max(...writes)).toBeLessThan(20);
});
