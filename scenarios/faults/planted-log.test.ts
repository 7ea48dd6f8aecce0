import { describe, expect, it } from 'vitest';
import type { ConsumerOptions, EventLog, OutRecord, RecordBatch } from '../../pipeline/log/port.ts';
import { type LogFault, plantedLog } from './planted-log.ts';

const record = (text: string, key = 'visitor', topic = 'events', partition = 0): OutRecord => ({
  topic,
  partition,
  key: Buffer.from(key),
  value: Buffer.from(text),
  timestamp: 0,
});

/** A log that keeps what is committed; a commit waits until it is let through. */
function fakeLog() {
  const committed: string[][] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let consumer: ConsumerOptions | undefined;
  const log = {
    kind: 'embedded',
    partitions: async () => 3,
    claim: async (transactionalId: string) => ({
      transactionalId,
      close: async () => {},
      commit: ({ records }: { records: readonly OutRecord[] }) =>
        new Promise<void>((resolve, reject) => {
          const done = () => {
            committed.push(
              records.map(({ value, partition }) => `${value}${partition === 0 ? '' : `@${partition}`}`),
            );
            resolve();
          };
          waiting.push({ resolve: done, reject });
        }),
    }),
    consume: (options: ConsumerOptions) => {
      consumer = options;
      return {};
    },
  } as unknown as EventLog;
  return { log, committed, waiting, consumer: () => consumer! };
}

async function commit(fault: LogFault, ...transactions: OutRecord[][]): Promise<string[][]> {
  const { log, committed, waiting } = fakeLog();
  const producer = await plantedLog(log, fault).claim('id');
  for (const records of transactions) {
    const done = producer.commit({ records });
    await Promise.resolve();
    waiting.shift()!.resolve();
    await done;
  }
  return committed;
}

describe('a fault at commit', () => {
  const three = () => ['a', 'b', 'c'].map((text) => record(text));

  it.each<[LogFault['kind'], string[]]>([
    ['drop', ['a', 'c']],
    ['double', ['a', 'b', 'b', 'c']],
    ['alter', ['a', 'x', 'c']],
    ['add', ['a', 'b', 'x', 'c']],
    ['misroute', ['a', 'b@1', 'c']],
    ['swap', ['a', 'c', 'b']],
  ])('%s hits one record, once', async (kind, faulty) => {
    const fault = { kind, topic: 'events', nth: 1, change: () => ({ value: Buffer.from('x') }) };
    expect(await commit(fault, three(), three())).toEqual([faulty, ['a', 'b', 'c']]);
  });

  it('counts matching records of its topic over all transactions', async () => {
    const fault: LogFault = {
      kind: 'drop',
      topic: 'events',
      nth: 1,
      matches: ({ value }) => String(value) !== 'no',
    };
    const first = [record('a'), record('a', 'visitor', 'another topic'), record('no')];
    expect(await commit(fault, first, [record('no'), record('b'), record('c')])).toEqual([
      ['a', 'a', 'no'],
      ['no', 'c'],
    ]);
  });

  it('swaps records of one visitor and one partition only', async () => {
    const records = [
      record('a', 'one'),
      record('b', 'two'),
      record('c', 'one', 'events', 1),
      record('d', 'two'),
    ];
    expect(await commit({ kind: 'swap', topic: 'events' }, records)).toEqual([['a', 'd', 'c@1', 'b']]);
  });

  it('is planted again where its transaction was not committed, and never in two at a time', async () => {
    const { log, committed, waiting } = fakeLog();
    const planted = plantedLog(log, { kind: 'drop', topic: 'events' });
    const [one, two] = [await planted.claim('one'), await planted.claim('two')];
    const first = one.commit({ records: [record('a'), record('b')] });
    const second = two.commit({ records: [record('c'), record('d')] });
    await new Promise(setImmediate);
    waiting[0]!.reject(new Error('fenced'));
    waiting[1]!.resolve();
    await expect(first).rejects.toThrow('fenced');
    await second;
    expect(planted.hit).toBeUndefined();
    const third = one.commit({ records: [record('a'), record('b')] });
    await new Promise(setImmediate);
    waiting[2]!.resolve();
    await third;
    expect(committed).toEqual([['c', 'd'], ['b']]);
    expect(String(planted.hit?.value)).toBe('a');
  });
});

describe('a fault at reading', () => {
  it('changes what the consumer of that topic gets, not how far it has come', async () => {
    const { log, consumer } = fakeLog();
    const seen: RecordBatch[] = [];
    const handler = () => ({
      claim: async () => 0,
      process: async (batch: RecordBatch) => void seen.push(batch),
    });
    plantedLog(log, { kind: 'drop', topic: 'events', at: 'read' }).consume({
      group: 'g',
      topic: 'events',
      handler,
    });
    const records = ['a', 'b'].map((text, offset) => ({
      offset,
      key: null,
      value: Buffer.from(text),
      timestamp: 0,
    }));
    const batch = { topic: 'events', partition: 0, records, nextOffset: 2 };
    await consumer()
      .handler(0)
      .process(batch, {} as never);
    await consumer()
      .handler(0)
      .process(batch, {} as never);
    expect(seen).toEqual([{ ...batch, records: [records[1]] }, batch]);
  });
});
