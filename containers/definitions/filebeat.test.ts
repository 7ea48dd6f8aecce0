import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FilebeatEnvelope } from '../../pipeline/contracts/envelope.ts';
import { fnv1aPartition } from '../../pipeline/contracts/partitioning.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { committedOffsets, createTopic, produce, readUntil, type TestRecord } from '../testing/kafka.ts';
import {
  type ContainerContext,
  closeNetwork,
  type ElasticsearchService,
  type KafkaService,
  openNetwork,
  startElasticsearch,
  startFilebeatShipper,
  startFilebeatSink,
  startKafka,
} from './index.ts';

const { engine, why } = await engineForTests();

const PARTITIONS = 3;

/** Lines as bytes (latin1) and, where it differs, what becomes of them. */
const LINES: readonly { line: string; message?: string; key?: string | null }[] = [
  { line: '{"uri":"/i","partition_key":"plain"}', key: 'plain' },
  { line: '{"uri":"/i","partition_key":"2001:db8::1"}', key: '2001:db8::1' },
  {
    line: '{"a":"CR before the newline","partition_key":"cr"}\r',
    message: '{"a":"CR before the newline","partition_key":"cr"}',
    key: 'cr',
  },
  { line: '  {"a":"spaces","partition_key":"s"}  ', key: 's' },
  { line: '{"a":"\\u0000\\u001F\\n\\"\\\\ <>&/","partition_key":"escapes"}', key: 'escapes' },
  {
    line: utf8('{"a":"ü 日本 😀 \u2028\u2029","partition_key":"utf8"}'),
    message: '{"a":"ü 日本 😀 \u2028\u2029","partition_key":"utf8"}',
    key: 'utf8',
  },
  {
    line: '{"a":"\xff\xc3","partition_key":"invalid"}',
    message: '{"a":"\ufffd\ufffd","partition_key":"invalid"}',
    key: 'invalid',
  },
  { line: '{"a":"\\"partition_key\\":\\"false\\"}","partition_key":"true"}', key: 'true' },
  { line: `{"request_body":"${'x'.repeat(1_048_576)}","partition_key":"large"}`, key: 'large' },
  { line: `{"request_body":"${'\\u0001'.repeat(1_048_576)}","partition_key":"largest"}`, key: 'largest' },
  { line: 'no JSON at all', key: null },
  { line: '{"a":"anonymous","partition_key":""}', key: null },
  { line: '{"a":"no key"}', key: null },
];

describe.skipIf(!engine)(`Filebeat ${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-filebeat-'));
  const log = join(folder, 'tracking.log');
  let context: ContainerContext;
  let kafka: KafkaService;
  let elasticsearch: ElasticsearchService;

  beforeAll(async () => {
    context = await openNetwork(engine!, testRun('filebeat'));
    [kafka, elasticsearch] = await Promise.all([startKafka(context), startElasticsearch(context)]);
  });
  afterAll(async () => {
    if (context) await closeNetwork(context);
    rmSync(folder, { recursive: true, force: true });
  });

  it('ships lines as the contract has them, rotated files too, and waits for the end of a line', async () => {
    const topic = 'tracking_raw';
    await createTopic(kafka.broker, topic, PARTITIONS);
    writeFileSync(
      log,
      Buffer.from(`${LINES.map(({ line }) => line).join('\n')}\n\n{"unterminated`, 'latin1'),
    );
    const filebeat = await startFilebeatShipper(context, { logDirectory: folder });
    const first = await readUntil(kafka.broker, topic, ({ length }) => length >= LINES.length);
    const shipped = inOrder(first);

    let offset = 0;
    for (const [i, { line, message = line, key = null }] of LINES.entries()) {
      const { envelope, record } = shipped[i]!;
      const { '@timestamp': time, agent, host, ...rest } = envelope;
      expect(rest).toEqual({
        '@metadata': { beat: 'filebeat', type: '_doc', version: '7.17.29' },
        ...(key !== null && { fields: { partition_key: key } }),
        log: { offset, file: { path: '/var/log/clickproof/tracking.log' } },
        message,
        input: { type: 'filestream' },
        ecs: { version: '1.12.0' },
      });
      expect(Object.keys(agent).sort()).toEqual([
        'ephemeral_id',
        'hostname',
        'id',
        'name',
        'type',
        'version',
      ]);
      expect(host).toEqual({ name: agent.hostname });
      expect(Date.parse(time)).toBe(record.timestamp);
      expect(record.key).toBe(key);
      if (key !== null) expect(record.partition).toBe(fnv1aPartition(Buffer.from(key), PARTITIONS));
      offset += line.length + 1;
    }

    appendFileSync(log, ' no more"}\n');
    renameSync(log, `${log}.1`);
    writeFileSync(log, '{"in":"the new file"}\n');
    const all = await readUntil(kafka.broker, topic, ({ length }) => length >= LINES.length + 2);
    const before = messages(first);
    expect(
      messages(all)
        .filter((message) => !before.includes(message))
        .sort(),
    ).toEqual(['{"in":"the new file"}', '{"unterminated no more"}']);

    await filebeat.service.signal('SIGKILL');
    appendFileSync(log, '{"while":"it was down"}\n');
    await filebeat.service.start();
    const known = LINES.length + 3;
    const after = await readUntil(
      kafka.broker,
      topic,
      (records) => new Set(messages(records)).size === known,
    );
    expect(messages(after)).toContain('{"while":"it was down"}');
    await filebeat.service.stop();
  });

  it('indexes what was persisted, once each, and commits how far it is', async () => {
    const topic = 'tracking_persisted';
    await createTopic(kafka.broker, topic);
    const events = [
      {
        'event-event_id': 'a',
        'event-derived_tstamp': '2023-11-14T22:13:20.500Z',
        'event-app_id': 'shop',
        nested: [1, 2],
      },
      { 'event-event_id': 'b', 'event-derived_tstamp': '2023-12-01T00:00:00Z', 'event-app_id': 'shop' },
      {
        'event-event_id': 'a',
        'event-derived_tstamp': '2023-11-14T22:13:20.500Z',
        'event-app_id': 'shop',
        nested: [1, 2],
      },
    ];
    await produce(
      kafka.broker,
      topic,
      events.map((event) => JSON.stringify(event)),
    );
    const filebeat = await startFilebeatSink(context, { index: 'events' });
    await vi.waitFor(
      async () => {
        await fetch(`${elasticsearch.url}/events-*/_refresh`, { method: 'POST' });
        const answer = await fetch(`${elasticsearch.url}/events-*/_search?sort=@timestamp`);
        const { hits } = (await answer.json()) as {
          hits: { hits: { _index: string; _id: string; _source: unknown }[] };
        };
        const [a, b] = events;
        expect(hits.hits.map(({ _index, _id, _source }) => ({ _index, _id, _source }))).toEqual([
          {
            _index: 'events-2023.11',
            _id: 'a',
            _source: { '@timestamp': '2023-11-14T22:13:20.500Z', tracking: a },
          },
          {
            _index: 'events-2023.12',
            _id: 'b',
            _source: { '@timestamp': '2023-12-01T00:00:00.000Z', tracking: b },
          },
        ]);
      },
      { timeout: 60_000, interval: 250 },
    );
    await vi.waitFor(
      async () => {
        const [committed] = await committedOffsets(kafka.broker, 'filebeat_elasticsearch', topic);
        expect(committed).toBeGreaterThanOrEqual(events.length);
      },
      { timeout: 30_000, interval: 250 },
    );
    await filebeat.service.stop();
  });
});

function inOrder(records: readonly TestRecord[]): { envelope: FilebeatEnvelope; record: TestRecord }[] {
  return records
    .map((record) => ({ envelope: JSON.parse(record.value) as FilebeatEnvelope, record }))
    .sort((a, b) => a.envelope.log.offset - b.envelope.log.offset);
}

/** In the order of the log. */
function messages(records: readonly TestRecord[]): string[] {
  return inOrder(records).map(({ envelope }) => envelope.message);
}

function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
