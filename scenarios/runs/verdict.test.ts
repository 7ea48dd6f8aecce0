import { describe, expect, it } from 'vitest';
import { withMetrics, withPersisterDoubts } from './verdict.ts';

const stats = (recentEvictions: number) => ({ persister: { folded: { recentEvictions } } });

describe('what the persister forgot too soon', () => {
  it('leaves a verdict alone when there was nothing', () => {
    const passed = { verdict: 'pass', reasons: [] } as const;
    expect(withPersisterDoubts(passed, [stats(0)])).toEqual(passed);
  });

  it('makes a pass unknown', () => {
    expect(withPersisterDoubts({ verdict: 'pass', reasons: [] }, [stats(3), stats(4)])).toEqual({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/gave up 7 entries/)],
    });
  });

  it('does not excuse a failure', () => {
    const { verdict, reasons } = withPersisterDoubts({ verdict: 'fail', reasons: ['lost'] }, [stats(7)]);
    expect(verdict).toBe('fail');
    expect(reasons).toHaveLength(2);
  });

  it('does not pass a run whose persister says nothing', () => {
    const passed = { verdict: 'pass', reasons: [] } as const;
    expect(withPersisterDoubts(passed, [stats(0), {}]).verdict).toBe('unknown');
    // Somebody else's process has nothing to say here.
    expect(withPersisterDoubts(passed, [undefined]).verdict).toBe('pass');
  });
});

describe('what a pipeline counts of itself', () => {
  const same = { role: 'parser', counter: 'lines', said: 2, counted: 2 };
  const other = { role: 'parser', counter: 'lines', said: 1, counted: 2, differs: 'the parser says it' };
  const unknown = { verdict: 'unknown', reasons: ['too little'] } as const;

  it('fails a run where it is not what is there', () => {
    expect(withMetrics(unknown, [same, other])).toEqual({
      verdict: 'fail',
      reasons: ['too little', 'the parser says it'],
    });
  });

  it('says nothing where it is the same, or cannot be compared', () => {
    const not = { role: 'parser', counter: 'lines', notComparable: 'why' };
    expect(withMetrics(unknown, [same, not])).toEqual(unknown);
  });
});
