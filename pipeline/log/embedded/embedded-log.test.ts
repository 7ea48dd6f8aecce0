import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeEventLog } from '../event-log.contract.ts';
import type { EventLog } from '../port.ts';
import { open } from './opener.contract.ts';

describeEventLog('embedded', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'clickproof-log-'));
  const location = join(directory, 'events.db');
  const logs: EventLog[] = [];
  return {
    async open() {
      const log = await open(location);
      logs.push(log);
      return log;
    },
    opener: { module: fileURLToPath(new URL('./opener.contract.ts', import.meta.url)), location },
    async close() {
      await Promise.all(logs.map((log) => log.close()));
      rmSync(directory, { recursive: true });
    },
  };
});
