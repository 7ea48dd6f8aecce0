import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_SIZE_LIMITS } from '../../contracts/access-log.ts';
import { hasCode } from '../../contracts/errors.ts';
import type { FailedMessage } from '../../contracts/messages.ts';
import { fnv1aPartition, MAX_KEY_BYTES, murmur2Partition } from '../../contracts/partitioning.ts';
import { silent } from '../../contracts/running.ts';
import { eventually } from '../../contracts/testing/eventually.ts';
import { pipelineTopics } from '../../contracts/topic-specs.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS, type TopicNames } from '../../contracts/topics.ts';
import { recordedLines } from '../../enrichment/fixtures/recorded.ts';
import { shipperSettings, startShipper } from '../../shipper/index.ts';
import { startParser } from '../../stages/parser.ts';
import { parserWorkerSettings } from '../../stages/settings.ts';
import { fresh, readAll, write } from '../contract/fixture.contract.ts';
import type { EventLog, LogRecord } from '../port.ts';
import { open } from './testing/opener.contract.ts';
import { withBroker } from './testing/with-broker.ts';

const PARTITIONS = 4;
/** Each byte, being no UTF-8, becomes three in the key. */
const BYTES = 11_000;
const KEY = Buffer.from('\ufffd'.repeat(BYTES));

withBroker('a visitor as long as a request can have it', (broker) => {
  const directory = mkdtempSync(join(tmpdir(), 'clickproof-keys-'));
  let log: EventLog;
  let topics: TopicNames;
  beforeEach(async () => {
    log = await open(broker().address);
    const prefix = fresh('keys');
    topics = Object.fromEntries(
      Object.entries(DEFAULT_TOPICS).map(([name, topic]) => [name, `${prefix}-${topic}`]),
    ) as unknown as TopicNames;
    await log.ensureTopics(
      pipelineTopics(topics, { partitions: PARTITIONS, limits: DEFAULT_SIZE_LIMITS, retentionMs: undefined }),
    );
  });
  afterEach(async () => {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const all = async (topic: string): Promise<(LogRecord & { partition: number })[]> =>
    (
      await Promise.all(
        Array.from({ length: PARTITIONS }, async (_, partition) =>
          (await readAll(log, topic, partition)).map((one) => ({ ...one, partition })),
        ),
      )
    ).flat();

  /** A line as Nginx writes it: bytes that are no UTF-8 stand in it as they came. */
  const hostileLine = (): Buffer => {
    const before = JSON.stringify({ ...recordedLines()[0]!, method: 'GET', request_body: '', uri: '/i' });
    const [head, tail] = before
      .replace(/"query_string":"[^"]*"/, '"query_string":"e=pv&p=web&duid=|"')
      .split('|');
    return Buffer.concat([Buffer.from(head!), Buffer.alloc(BYTES, 0xff), Buffer.from(tail!)]);
  };

  it('goes from the access log through the shipper and the parser', async () => {
    const logFile = join(directory, 'tracking.log');
    appendFileSync(logFile, Buffer.concat([hostileLine(), Buffer.from('\n')]));
    const shipper = await startShipper(shipperSettings.parse({ id: 'web', logFile, pollInterval: 10 }), {
      ...{ log, topics, diagnostics: silent },
    });
    await eventually(() => expect(shipper.stats().lines).toBe(1));
    await shipper.stop();
    const [shipped] = await all(topics.raw);
    expect(shipped!.key).toEqual(KEY.subarray(0, MAX_KEY_BYTES));
    expect(shipped!.partition).toBe(fnv1aPartition(KEY, PARTITIONS));
    const [failed] = await parsed();
    expect(failed!.key).toEqual(shipped!.key);
  });

  it('goes through the parser when another shipper has kept it whole', async () => {
    const envelope = JSON.stringify({ message: hostileLine().toString() });
    await write(log, [
      { topic: topics.raw, partition: 0, key: KEY, value: Buffer.from(envelope), timestamp: Date.now() },
    ]);
    const [failed] = await parsed();
    expect(failed!.key).toEqual(KEY.subarray(0, MAX_KEY_BYTES));
    expect(failed!.partition).toBe(murmur2Partition(KEY, PARTITIONS));
  });

  /** What the parser makes of the one line: a failure, as nobody is called so. */
  async function parsed() {
    const groups = { ...DEFAULT_GROUPS, parser: fresh('parser') };
    const claimedAgainFor: unknown[] = [];
    const warn = (_: string, fields?: Readonly<Record<string, unknown>>) =>
      void claimedAgainFor.push(fields?.error);
    const parser = await startParser(parserWorkerSettings.parse({ linger: 0 }), {
      ...{ log, topics, groups, diagnostics: { ...silent, warn } },
    });
    await eventually(() => expect(parser.stats().classes).toEqual({ failed: 1 }));
    expect(claimedAgainFor.filter((error) => hasCode(error, 'RECORD_TOO_LARGE'))).toEqual([]);
    await parser.stop();
    const failures = await all(topics.failed);
    const message = JSON.parse(`${failures[0]!.value}`) as FailedMessage;
    expect(message.failure.errors).toMatchObject([{ field: 'domain_userid' }]);
    return failures;
  }
});
