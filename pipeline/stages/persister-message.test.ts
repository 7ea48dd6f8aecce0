import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProfileFold } from '../profile/fold.ts';
import { PartitionFold } from '../profile/partition-fold.ts';
import { DEFAULT_PROFILE_RULES } from '../profile/rules.ts';
import { PersisterMessages } from './persister-message.ts';

const FOLD = new ProfileFold(DEFAULT_PROFILE_RULES);
const LIMITS = { visitorWindow: 10, partitionWindow: 100, horizonMs: 1_000 };
const messages = new PersisterMessages(FOLD);

const record = (value: string, offset = 0) => ({
  topic: 'tracking_flattened',
  partition: 0,
  offset,
  key: Buffer.from('v'),
  value: Buffer.from(value),
  timestamp: 1_700_000_000_000,
});

const few = fc.constantFrom('a', 'b', '2023-11-14T22:13:20Z', 'page_view');
const fields = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...PartitionFold.reads(FOLD), ...FOLD.writes, 'event-original_event_id', 'other'),
    fc.string(),
  ),
  fc.oneof({ weight: 3, arbitrary: few }, fc.string({ unit: 'binary' }), fc.integer(), fc.boolean()),
  { maxKeys: 12 },
);
const event = fc
  .tuple(fields, few, few)
  .map(([rest, id, visitor]) => ({ ...rest, 'event-event_id': id, 'event-domain_userid': visitor }));

describe('a message that is read in part', () => {
  it('is folded as a whole one is, and completed as one', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const partly = new PartitionFold(FOLD, LIMITS);
        const wholly = new PartitionFold(FOLD, LIMITS);
        for (const [i, given] of events.entries()) {
          const source = record(JSON.stringify(given), i);
          const decoded = messages.decode(source);
          if (!('input' in decoded)) throw new Error(decoded.problem);
          const outcome = partly.fold(decoded.input);
          const whole = JSON.parse(source.value.toString());
          expect(outcome).toEqual(wholly.fold({ ...decoded.input, fields: whole }));
          if (!('added' in outcome)) continue;
          const completed = messages.completed(source.value, decoded.input.fields, outcome.added);
          const text = completed.toString();
          expect(JSON.parse(text)).toEqual({ ...whole, ...outcome.added });
          // Every name once, as readers differ in which of two they take.
          expect(JSON.stringify(JSON.parse(text))).toHaveLength(text.length);
        }
      }),
    );
  });

  it.each([
    ['{"event-event_id":', 'no JSON'],
    ['[]', 'not an object'],
    ['{"event-event_id":1}', 'event-event_id is missing'],
    ['{"event-event_id":"a","x":[}', 'no JSON'],
  ])('says what is wrong with %s', (value, problem) => {
    expect(messages.decode(record(value))).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('is written anew where a value is there already', () => {
    const value = Buffer.from('{"event-event_id":"a","x":1}');
    const completed = messages.completed(value, { 'event-event_id': 'a' }, { 'event-event_id': 'b' });
    expect(completed.toString()).toBe('{"event-event_id":"b","x":1}');
    expect(messages.completed(value, { 'event-event_id': 'a' }, {})).toBe(value);
  });
});
