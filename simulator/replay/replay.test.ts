import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { pace, parseRecordedRequest, type RecordedRequest, readRecordedRequests, speed } from './index.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures/tracker-requests.ndjson');
const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function recording(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'replay-'));
  directories.push(directory);
  const path = join(directory, 'requests.ndjson');
  await writeFile(path, text);
  return path;
}

const request = (parts: Partial<RecordedRequest>): RecordedRequest => ({
  line: 1,
  method: 'GET',
  target: '/i',
  headers: [],
  body: null,
  sentAt: null,
  ...parts,
});

test('the real tracker’s requests are read with the times they were sent', async () => {
  const requests = await collect(readRecordedRequests(FIXTURES));
  expect(requests).toHaveLength(24);
  expect(requests.every(({ sentAt }) => sentAt !== null)).toBe(true);
  expect(requests[7]).toMatchObject({
    line: 8,
    method: 'POST',
    target: '/com.snowplowanalytics.snowplow/tp2',
    sentAt: 1795451874429,
  });
  const names = requests.flatMap(({ headers }) => headers.map(([name]) => name));
  expect(names).toContain('user-agent');
  expect(names).not.toContain('host');
  expect(names).not.toContain('content-length');
});

test('the pace is that of the recording, divided by the factor', async () => {
  const dues = async (factor: number) =>
    (await collect(pace(readRecordedRequests(FIXTURES), factor))).map(({ due }) => due);
  const real = await dues(1);
  expect(real.slice(0, 4)).toEqual([0, 38, 49, 1569]);
  expect(await dues(10)).toEqual(real.map((due) => due / 10));
  expect(new Set(await dues(Number.POSITIVE_INFINITY))).toEqual(new Set([0]));
});

test('due times never fall, whatever the clocks said', async () => {
  const times = fc.array(fc.option(fc.nat(), { nil: null }));
  await fc.assert(
    fc.asyncProperty(times, fc.integer({ min: 1, max: 100 }), async (sent, factor) => {
      const paced = await collect(
        pace(
          sent.map((sentAt) => request({ sentAt })),
          factor,
        ),
      );
      expect(paced).toHaveLength(sent.length);
      for (let i = 1; i < paced.length; i++) expect(paced[i]!.due).toBeGreaterThanOrEqual(paced[i - 1]!.due);
    }),
  );
});

test.each([
  ['{"method":"GET"', 'line 2: it is no JSON'],
  ['[]', 'line 2: '],
  ['{"url":"/i"}', 'line 2: method: '],
  ['{"method":"GET","url":"i?e=pv"}', 'line 2: url: a path that begins with /'],
  ['{"method":"GET","url":"/a b"}', 'line 2: url: a path that begins with /'],
  ['{"method":"GET","url":"/i","headers":{"x":"a\\r\\nevil: 1"}}', 'line 2: headers.x: '],
  ['{"method":"POST","url":"/i","body":{}}', 'line 2: body: '],
])('%s is refused with its line and why', async (bad, message) => {
  const path = await recording(`{"method":"GET","url":"/i","headers":{},"body":""}\n${bad}\n`);
  const reading = collect(readRecordedRequests(path));
  await expect(reading).rejects.toMatchObject({
    code: 'RECORDING_INVALID',
    message: expect.stringContaining(message),
  });
});

test('a missing file is said to be missing', async () => {
  const reading = collect(readRecordedRequests(join(tmpdir(), 'no-such-recording.ndjson')));
  await expect(reading).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE' });
});

test('absolute URLs, empty lines and a missing last newline are taken', async () => {
  const path = await recording(
    '{"method":"GET","url":"http://h:1/i?stm=5","headers":{"A":["1","2"]}}\n\n{"method":"GET","url":"https://h"}',
  );
  const requests = await collect(readRecordedRequests(path));
  expect(requests).toEqual([
    request({
      line: 1,
      target: '/i?stm=5',
      sentAt: 5,
      headers: [
        ['A', '1'],
        ['A', '2'],
      ],
    }),
    request({ line: 3, target: '/' }),
  ]);
});

test('no line makes the reader throw anything but its own error', () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ method: fc.constant('POST'), url: fc.webUrl(), body: fc.json() })
      .map((r) => JSON.stringify(r)),
  );
  fc.assert(
    fc.property(line, (text) => {
      try {
        expect(parseRecordedRequest(text, 1).target).toMatch(/^\//);
      } catch (error) {
        expect(error).toMatchObject({ code: 'RECORDING_INVALID' });
      }
    }),
  );
});

test('speeds are typed as words or factors', () => {
  expect(speed.parse('realtime')).toBe(1);
  expect(speed.parse('10x')).toBe(10);
  expect(speed.parse('max')).toBe(Number.POSITIVE_INFINITY);
  expect(speed.safeParse('fast').error?.issues[0]?.message).toBe(
    'realtime, max or a factor like 10x, not "fast"',
  );
});
