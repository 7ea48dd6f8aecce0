import { describe, expect, it } from 'vitest';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { type Counted, conservation } from './conservation.ts';

const { processed, flattened, persisted } = DEFAULT_TOPICS;
const REQUESTS = 'every request has one answer';
const SHIPPED = 'every line is shipped';
const LINES = 'every line is processed, failed, refused or ignored';
const EVENTS = 'every event is processed or failed';
const FLATTENED = 'what is processed is flattened';
const PERSISTED = 'what is flattened is persisted once';
const SINK = 'what is persisted is in ClickHouse';

/** 10 requests: 6 processed as 9 events (2 of them repeats), 1 failed, 1 refused, 1 ignored, 1 that no collector ever got. */
interface Numbers {
  requests: number;
  unanswered: number;
  acknowledged: number;
  lines: number;
  raw: number;
  unreadable: number;
  expected: number;
  processed: number;
  leading: number;
  failed: number;
  flattened: number;
  notFlattened: number;
  persisted: number;
  repeats: number;
  notPersisted: number;
  stored: number;
  foreign: number;
}
const RIGHT: Numbers = {
  requests: 10,
  unanswered: 1,
  acknowledged: 8,
  lines: 7,
  raw: 7,
  unreadable: 0,
  expected: 10,
  processed: 9,
  leading: 6,
  failed: 1,
  flattened: 9,
  notFlattened: 0,
  persisted: 7,
  repeats: 2,
  notPersisted: 0,
  stored: 7,
  foreign: 0,
};

function counted(n: Numbers): Counted {
  const hop = (name: string, records: number, more: { repeats?: number; lines?: number } = {}) => ({
    hop: name,
    records: records + n.foreign,
    foreign: n.foreign,
    repeats: 0,
    lines: 0,
    read: true,
    ...more,
  });
  const lines = (tracker: number) => ({
    tracker: tracker + n.foreign,
    refused: 1,
    ignored: 1,
    unreadable: n.unreadable,
    foreign: n.foreign,
  });
  return {
    names: DEFAULT_TOPICS,
    ledger: {
      requests: n.requests,
      unanswered: n.unanswered,
      answers: { acknowledged: n.acknowledged, refused: 1, unknown: 0 },
      unreachable: 0,
    },
    accessLog: lines(n.lines),
    raw: lines(n.raw),
    expected: n.expected,
    hops: [
      hop(processed, n.processed, { lines: n.leading }),
      hop(flattened, n.flattened),
      hop(persisted, n.persisted, { repeats: n.repeats }),
      hop('ClickHouse', n.stored),
    ],
    failed: { lines: n.failed, records: n.failed, foreign: 0 },
    failedBy: new Map([
      ['parser', n.failed],
      ['flattener', n.notFlattened],
      ['persister', n.notPersisted],
    ]),
  };
}

/** The equations that do not hold. */
const broken = (numbers: Partial<Numbers>): string[] =>
  conservation(counted({ ...RIGHT, ...numbers }))
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

describe('the equations', () => {
  it('hold where everything is accounted for', () => {
    const all = conservation(counted(RIGHT));
    expect(all.map(({ name }) => name)).toEqual([
      REQUESTS,
      SHIPPED,
      LINES,
      EVENTS,
      FLATTENED,
      PERSISTED,
      SINK,
    ]);
    expect(all.filter(({ holds }) => !holds)).toEqual([]);
  });

  it('leave foreign traffic out', () => {
    expect(broken({ foreign: 5 })).toEqual([]);
  });

  it('hold where what a stage could not work on is among the failures', () => {
    expect(broken({ flattened: 8, notFlattened: 1, persisted: 6, stored: 6 })).toEqual([]);
    expect(broken({ persisted: 6, notPersisted: 1, stored: 6 })).toEqual([]);
    expect(broken({ unreadable: 1, failed: 2 })).toEqual([]);
  });

  it.each<[string, Partial<Numbers>, string[]]>([
    ['a request without an intent was answered', { acknowledged: 9 }, [REQUESTS]],
    ['an answer is missing', { acknowledged: 7 }, [REQUESTS]],
    ['a line was not shipped', { lines: 8 }, [SHIPPED]],
    ['a line was shipped twice', { raw: 8 }, [SHIPPED, LINES]],
    ['a line became nothing', { leading: 5, processed: 8 }, [LINES, EVENTS, FLATTENED]],
    ['a line became two', { leading: 7 }, [LINES]],
    ['a failure is missing', { failed: 0 }, [LINES, EVENTS]],
    ['an event of a batch is missing', { processed: 8, flattened: 8, repeats: 1 }, [EVENTS]],
    ['an event was not flattened', { flattened: 8 }, [FLATTENED, PERSISTED]],
    ['an event was flattened twice', { flattened: 10 }, [FLATTENED, PERSISTED]],
    ['a repeat was not removed', { persisted: 8 }, [PERSISTED, SINK]],
    ['an event was removed that was no repeat', { persisted: 6, stored: 6 }, [PERSISTED]],
    ['a row is missing', { stored: 6 }, [SINK]],
    ['a row is there twice', { stored: 8 }, [SINK]],
  ])('do not hold where %s', (_, numbers, equations) => {
    expect(broken(numbers)).toEqual(equations);
  });

  it('are not made where there is nothing to make them of', () => {
    const numbers = counted(RIGHT);
    const unread = numbers.hops.map((hop) => ({ ...hop, read: hop.hop !== 'ClickHouse' }));
    const names = conservation({ ...numbers, accessLog: undefined, hops: unread }).map(({ name }) => name);
    expect(names).toEqual([REQUESTS, LINES, EVENTS, FLATTENED, PERSISTED]);
  });
});
