/** `npm run engine -- start [--install] | stop | status`: a container engine for machines that have no service manager. */
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { connectEngine, ensureEngine, stopDaemon } from './index.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const [command, ...flags] = process.argv.slice(2);
const install = flags.includes('--install');

try {
  if (command === 'start') {
    const engine = await ensureEngine({ install, say });
    say(`${engine.description} answers at ${engine.endpoint}`);
  } else if (command === 'stop') {
    say((await stopDaemon()) ? 'stopped' : 'no engine was started by this command');
  } else if (command === 'status') {
    const engine = await connectEngine();
    say(`${engine.description} answers at ${engine.endpoint}`);
  } else {
    process.stderr.write('engine: say start [--install], stop or status\n');
    process.exitCode = 2;
  }
} catch (error) {
  if (!(error instanceof ClickproofError)) throw error;
  process.stderr.write(`engine: ${error.message}\n${error.remedy ? `  ${error.remedy}\n` : ''}`);
  process.exitCode = 1;
}
