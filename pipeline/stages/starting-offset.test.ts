import { expect, it } from 'vitest';
import type { EventLog } from '../log/port.ts';
import { readPosition } from './starting-offset.ts';

it('finds no offset beyond the end of a log that goes on while it is read', async () => {
  let end = 5;
  const log: Pick<EventLog, 'committed' | 'ends'> = {
    async committed() {
      await new Promise(setImmediate);
      end = 9;
      return [end];
    },
    ends: async () => [{ partition: 0, start: 0, end }],
  };
  const place = { group: 'persister', topic: 'tracking_flattened', partition: 0 };
  const { committed, ends } = await readPosition(log as EventLog, place);
  expect(committed).toBeLessThanOrEqual(ends.end);
});
