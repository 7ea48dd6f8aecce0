/** `npm test`: every test that can run here. Those on real servers join where a container engine answers, or must (in CI, and with CLICKPROOF_REQUIRE_SERVERS). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectEngine } from '../containers/engine/index.ts';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { serversRequired } from '../pipeline/contracts/testing/servers-required.ts';

const servers = serversRequired() ? undefined : await whyNoServers();
const projects = ['unit', 'scenarios', ...(servers === undefined ? ['servers'] : [])];
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const args = ['run', ...projects.flatMap((name) => ['--project', name]), ...process.argv.slice(2)];
const child = spawn(process.execPath, [vitest, ...args], {
  stdio: 'inherit',
  env: { ...process.env, ...(servers !== undefined && { LEFT_OUT: servers }) },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void child.kill(signal));
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;

async function whyNoServers(): Promise<string | undefined> {
  try {
    await connectEngine();
    return undefined;
  } catch (error) {
    if (!(error instanceof ClickproofError)) throw error;
    return error.message;
  }
}
