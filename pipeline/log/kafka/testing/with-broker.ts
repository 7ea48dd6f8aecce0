import { afterAll, beforeAll, describe, it } from 'vitest';
import { serversRequired } from '../../../contracts/testing/servers-required.ts';
import { findBroker, type OwnBroker, type TestBroker } from './broker.ts';

const START_MS = 300_000;

/** Tests that need a broker. Where there is none they are skipped and say why; where servers are required they fail instead. */
export function withBroker(name: string, tests: (broker: () => TestBroker) => void): void {
  const source = findBroker();
  const missing = process.env.CLICKPROOF_TEST_KAFKA ? undefined : source.missing;
  describeWith(
    name,
    missing && `${missing}, and CLICKPROOF_TEST_KAFKA names no broker`,
    () => source.start(),
    tests,
  );
}

/** Tests that need a broker for themselves, to be killed. */
export function withOwnBroker(name: string, tests: (broker: () => OwnBroker) => void): void {
  const source = findBroker();
  describeWith(name, source.missing, () => source.startOwn(), tests);
}

function describeWith<Broker extends TestBroker>(
  name: string,
  missing: string | undefined,
  start: () => Promise<Broker>,
  tests: (broker: () => Broker) => void,
): void {
  if (missing !== undefined && !serversRequired()) {
    it.skip(`${name} (${missing})`);
    return;
  }
  describe(name, () => {
    let broker: Broker | undefined;
    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing);
      broker = await start();
    }, START_MS);
    afterAll(() => broker?.stop());
    tests(() => broker!);
  });
}
