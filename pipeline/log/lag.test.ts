import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fresh, makeTopic, record, write } from './contract/fixture.contract.ts';
import { openEmbeddedLog } from './embedded/embedded-log.ts';
import { groupLag } from './lag.ts';
import type { EventLog } from './port.ts';

const directory = mkdtempSync(join(tmpdir(), 'clickproof-lag-'));
let log: EventLog;
beforeAll(() => {
  log = openEmbeddedLog({ path: join(directory, 'events.db') });
});
afterAll(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

it.each([0, 1, 99, 300])('counts %i records that are left, over all partitions', async (left) => {
  const [topic, group] = [await makeTopic(log, { partitions: 3 }), fresh('group')];
  const records = Array.from({ length: 10 + left }, (_, i) =>
    record(topic, `${i}`, { partition: i < 10 ? 0 : 2 }),
  );
  await write(log, records);
  const producer = await log.claim(fresh('id'));
  await producer.commit({ records: [], offsets: { group, topic, offsets: [{ partition: 0, offset: 10 }] } });
  expect(await groupLag(log, group, topic)).toBe(left);
});
