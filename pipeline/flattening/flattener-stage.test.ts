import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '../stages/stage-function.ts';
import { flattenerStage } from './flattener-stage.ts';

const record = (value: string | Buffer | null): SourceRecord => ({
  topic: 'tracking_processed',
  partition: 2,
  offset: 41,
  key: Buffer.from('visitor'),
  value: typeof value === 'string' ? Buffer.from(value) : value,
  timestamp: 1_700_000_000_500,
});

describe('the flattener', () => {
  it('keeps the key', () => {
    const result = flattenerStage(record('{"event":[{"name":"event_id","value":"e1"}]}'));
    expect(result).toEqual({
      outputs: [{ key: Buffer.from('visitor'), message: Buffer.from('{"event-event_id":"e1"}') }],
      failed: [],
      count: 'processed',
    });
  });

  it.each([
    ['no JSON', '{"event":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no event', '{"query":[]}'],
    ['a namespace that is no list', '{"event":[],"x":{}}'],
    ['an entry without a name', '{"event":[{"value":1}]}'],
    ['an entry without a value', '{"event":[{"name":"a"}]}'],
  ])('sets aside %s with what it was and where it came from', (_what, value) => {
    const result = flattenerStage(record(value));
    expect(result.outputs).toEqual([]);
    expect(result.failed).toMatchObject([
      {
        failure: { type: 'message_format', stage: 'flattener', timestamp: '2023-11-14T22:13:20.500Z' },
        payload: value,
        source: { topic: 'tracking_processed', partition: 2, offset: 41 },
      },
    ]);
  });

  it('makes one message or one failure of any bytes', () => {
    const near = fc
      .tuple(fc.jsonValue(), fc.jsonValue())
      .map(([event, rest]) => Buffer.from(JSON.stringify({ event, rest })));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(near, bytes, fc.constant(null)), (value) => {
        const { outputs, failed } = flattenerStage(record(value));
        expect(outputs.length + failed.length).toBe(1);
      }),
    );
  });
});
