import { openEmbeddedLog } from '../../log/index.ts';
import { shipperSettings, startShipper } from '../index.ts';
import { TOPICS } from './world.ts';

/** A shipper as a process of its own, for tests that kill it: `node crash-child.ts EVENT_LOG ACCESS_LOG`. */
const [path, logFile] = process.argv.slice(2);
const log = openEmbeddedLog({ path: path! });
const settings = shipperSettings.parse({
  id: 'web',
  logFile,
  batchLines: 200,
  scanInterval: 20,
  closeInactive: 50,
});
const diagnostics = { info() {}, warn: console.error, error: console.error };
const shipper = await startShipper(settings, { log, topics: TOPICS, diagnostics });
process.stdout.write('started\n');
await shipper.done;
