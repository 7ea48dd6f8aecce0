import { describe, expect, it } from 'vitest';
import type { HopResult } from '../../reports/result.ts';
import { judge } from './judge.ts';

const hop = (more: Partial<HopResult> = {}): HopResult => ({
  hop: 'tracking_raw',
  unit: 'requests',
  expected: 10,
  delivered: 10,
  indeterminate: 0,
  lost: 0,
  duplicated: 0,
  corrupted: 0,
  spurious: 0,
  misrouted: 0,
  outOfOrder: 0,
  foreign: 0,
  records: 10,
  read: true,
  ...more,
});
const fine = { wrong: 0, unseen: 0 };
const equation = (holds: boolean) => ({
  name: 'every line is shipped',
  left: { a: 1 },
  right: { b: 1 },
  holds,
});

describe('the verdict', () => {
  it('passes what has no fault, foreign and unanswered traffic included', () => {
    const result = judge([hop({ foreign: 3, indeterminate: 2, records: 15 })], [equation(true)], fine, 10);
    expect(result).toEqual({ verdict: 'pass', reasons: [] });
  });

  it.each(['lost', 'duplicated', 'corrupted', 'spurious', 'misrouted', 'outOfOrder'] as const)(
    'fails where something is %s, and says how much and where',
    (kind) => {
      const { verdict, reasons } = judge(
        [hop(), hop({ hop: 'ClickHouse', unit: 'events', [kind]: 3 })],
        [],
        fine,
        10,
      );
      expect(verdict).toBe('fail');
      expect(reasons).toHaveLength(1);
      expect(reasons[0]).toMatch(/^ClickHouse: 3 events /);
    },
  );

  it('fails where an equation does not hold or a profile is wrong', () => {
    expect(judge([hop()], [equation(false)], fine, 10)).toEqual({
      verdict: 'fail',
      reasons: ['the equation does not hold: every line is shipped'],
    });
    expect(judge([hop()], [], { wrong: 2, unseen: 0 }, 10).verdict).toBe('fail');
  });

  it('knows nothing of a hop that could not be read, of unseen profiles, and without traffic', () => {
    expect(judge([hop(), hop({ read: false, lost: 10 })], [], fine, 10)).toEqual({
      verdict: 'unknown',
      reasons: ['tracking_raw could not be read'],
    });
    expect(
      judge([hop({ read: false, unreadable: 'Kafka cannot be read: no answer' })], [], fine, 10).reasons,
    ).toEqual(['Kafka cannot be read: no answer']);
    expect(judge([hop()], [], { wrong: 0, unseen: 1 }, 10).verdict).toBe('unknown');
    expect(judge([hop()], [], fine, 0).verdict).toBe('unknown');
  });

  it('a fault that was seen outweighs what could not be seen', () => {
    expect(judge([hop({ lost: 1 }), hop({ read: false })], [], fine, 0).verdict).toBe('fail');
  });
});
