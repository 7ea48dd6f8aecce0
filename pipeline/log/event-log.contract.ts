import { afterAll, beforeAll, describe } from 'vitest';
import type { EventLogFixture } from './contract/fixture.contract.ts';
import { describeGroups } from './contract/groups.contract.ts';
import { describeProcesses } from './contract/processes.contract.ts';
import { describeRecords } from './contract/records.contract.ts';
import { describeRelay } from './contract/relay.contract.ts';
import { describeRetention } from './contract/retention.contract.ts';
import { describeTransactions } from './contract/transactions.contract.ts';

export type { EventLogFixture } from './contract/fixture.contract.ts';

/**
 * The tests that every event log passes unchanged. They ask for what `port.ts` promises and no more: offsets can have gaps, everything
 * takes its time, several instances stand for several processes, and some are processes.
 *
 * @param makeFixture makes one log, shared by all tests: each uses topics and groups of its own
 */
export function describeEventLog(name: string, makeFixture: () => Promise<EventLogFixture>): void {
  describe(`event log: ${name}`, () => {
    let fixture: EventLogFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const made = () => fixture;
    describeRecords(made);
    describeTransactions(made);
    describeGroups(made);
    describeRelay(made);
    describeProcesses(made);
    describeRetention(made);
  });
}
