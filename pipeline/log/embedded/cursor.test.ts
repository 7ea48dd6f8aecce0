import { expect, it } from 'vitest';
import { Catalogue } from './catalogue.ts';
import { Cursor } from './cursor.ts';
import { openReader } from './database.ts';
import { Reader } from './reader.ts';
import { openForTest, out, TOPIC, temporaryPath } from './temporary.contract.ts';

/** Counts the batches that are read from the file. */
class CountingReader extends Reader {
  loads = 0;

  override chunk(partitionId: number, offset: number) {
    this.loads++;
    return super.chunk(partitionId, offset);
  }
}

it('reads from the file only what it hands over: at most one batch ahead', async () => {
  const path = temporaryPath();
  const log = openForTest({ path });
  await log.ensureTopics([TOPIC]);
  const producer = await log.claim('id');
  for (let i = 0; i < 50; i++) {
    await producer.commit({ records: Array.from({ length: 10 }, (_, k) => out(`${i * 10 + k}`)) });
  }
  const db = openReader(path);
  const reader = new CountingReader(db, new Catalogue(db, path), path);
  const cursor = new Cursor(reader, reader.catalogue.topic('topic'), 0, 0);
  for (let taken = 0; taken < 500; taken += 4) {
    const batch = cursor.take({ maxRecords: 4, maxBytes: 1_000_000 });
    expect(batch!.records.map(({ value }) => Number(value))).toEqual([
      taken,
      taken + 1,
      taken + 2,
      taken + 3,
    ]);
    expect(batch!.nextOffset).toBe(taken + 4);
    expect(reader.loads).toBeLessThanOrEqual(Math.ceil((taken + 4) / 10));
  }
  expect(cursor.take({ maxRecords: 4, maxBytes: 1_000_000 })).toBeUndefined();
  expect(cursor.atEnd).toBe(true);
  db.close();
});

it('what is added to a batch in hand never takes it beyond its bytes', async () => {
  const path = temporaryPath();
  const log = openForTest({ path });
  await log.ensureTopics([TOPIC]);
  const producer = await log.claim('id');
  await producer.commit({ records: [out('a'), out('x'.repeat(500)), out('b')] });
  const db = openReader(path);
  const reader = new Reader(db, new Catalogue(db, path), path);
  const cursor = new Cursor(reader, reader.catalogue.topic('topic'), 0, 0);
  const limits = { maxRecords: 10, maxBytes: 100 };
  expect(cursor.take(limits)!.records).toHaveLength(1);
  expect(cursor.take(limits, { records: 1, bytes: 1 })).toBeUndefined();
  expect(cursor.atEnd).toBe(false);
  // A batch of its own it still is.
  expect(cursor.take(limits)!.records[0]!.value).toHaveLength(500);
  db.close();
});
