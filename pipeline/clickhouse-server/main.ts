/**
 * The server as a process: settings as JSON in the first argument, one line of JSON on standard output when it
 * is ready (`{"url","version"}`) or could not start (`{"error":{"code","message","remedy"}}`, exit code 1).
 */
import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';
import { startClickHouseServer } from './server.ts';
import { clickhouseServerSettings } from './settings.ts';

const log = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};
const diagnostics: Diagnostics = { info: log('info'), warn: log('warn'), error: log('error') };

try {
  const settings = clickhouseServerSettings.parse(JSON.parse(process.argv[2] ?? '{}'));
  const server = await startClickHouseServer(settings, { diagnostics });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop());
  process.stdout.write(`${JSON.stringify({ url: server.url, version: server.version })}\n`);
  await server.done;
} catch (error) {
  const { message } = error as Error;
  const { code = 'UNEXPECTED', remedy } = error instanceof ClickproofError ? error : {};
  process.stdout.write(`${JSON.stringify({ error: { code, message, remedy } })}\n`);
  process.exitCode = 1;
}
