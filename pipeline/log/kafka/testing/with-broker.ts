import { afterAll, beforeAll, describe, it } from 'vitest';
import { type BrokerSource, findBroker, type TestBroker } from './broker.ts';

/**
 * Tests that need a broker. Where there is none they are skipped and say why; with CLICKPROOF_REQUIRE_SERVERS they fail instead.
 *
 * @param own the tests kill it: no shared one will do
 */
export function withBroker(
  name: string,
  tests: (broker: () => TestBroker) => void,
  { own = false } = {},
): void {
  const source: BrokerSource = findBroker({ own });
  if ('missing' in source) {
    if (process.env.CLICKPROOF_REQUIRE_SERVERS) {
      it(name, () => {
        throw new Error(source.missing);
      });
    } else {
      it.skip(`${name} (${source.missing})`);
    }
    return;
  }
  describe(name, () => {
    let broker: TestBroker;
    beforeAll(async () => {
      broker = await source.start();
    }, 120_000);
    afterAll(() => broker?.stop());
    tests(() => broker);
  });
}
