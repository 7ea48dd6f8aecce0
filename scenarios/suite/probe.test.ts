import fc from 'fast-check';
import { expect, it } from 'vitest';
import { probeTraffic } from './probe.ts';

it('is one request with events, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const { plan } = probeTraffic('probe', seed);
      expect(plan).toHaveLength(1);
      expect(plan[0]?.events).toBeGreaterThan(0);
    }),
  );
});
