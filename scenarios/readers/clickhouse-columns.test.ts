import { expect, it } from 'vitest';
import { EventColumns } from './clickhouse-columns.ts';

const columns = new EventColumns([
  ...['app_id', 'etl_tstamp', 'page_url', 'se_value', 'visitor'],
  ...['rest', 'verbatim', 'log_partition', 'log_offset'],
]);
const row = [
  ...['shop', '2026-01-05T18:00:00.000Z', '', null, 'somebody'],
  ...[{ 'profile-visits': 3 }, '{"event-n":12345678901234567890}', 2, 17],
];

it('selects columns by their names', () => {
  expect(columns.selected).toMatch(/^`app_id`, `etl_tstamp`, .*, `log_offset`$/);
});

it('makes a row the event it was, without what the table has of its own', () => {
  expect({ ...columns.flatOf(row) }).toEqual({
    'event-app_id': 'shop',
    'event-etl_tstamp': '2026-01-05T18:00:00Z',
    'profile-visits': 3,
    'event-n': 12345678901234567890n,
  });
  expect(columns.placeOf(row)).toBe('events 2@17');
});

it('takes nothing else for a row', () => {
  expect(() => columns.flatOf(['Code: 241. DB::Exception: Memory limit exceeded'])).toThrow('Memory limit');
});
