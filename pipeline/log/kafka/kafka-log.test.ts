import { fileURLToPath } from 'node:url';
import { describeEventLog } from '../event-log.contract.ts';
import type { EventLog } from '../port.ts';
import { open } from './testing/opener.contract.ts';
import { withBroker } from './testing/with-broker.ts';

withBroker('the event log on Kafka', (broker) => {
  describeEventLog('kafka', async () => {
    const { address } = broker();
    const logs: EventLog[] = [];
    return {
      async open() {
        const log = await open(address);
        logs.push(log);
        return log;
      },
      opener: {
        module: fileURLToPath(new URL('./testing/opener.contract.ts', import.meta.url)),
        location: address,
      },
      async close() {
        await Promise.all(logs.map((log) => log.close()));
      },
    };
  });
});
