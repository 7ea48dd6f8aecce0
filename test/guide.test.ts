import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../containers/roles/free-port.ts';
import { eventually } from '../pipeline/contracts/testing/eventually.ts';
import { accessLine } from './support/access-log.ts';
import { BIN, temporaryDirectory } from './support/clickproof.ts';
import { topicCounts } from './support/topics.ts';

const guide = readFileSync(new URL('../docs/guides/processes.md', import.meta.url), 'utf8');

test('the commands of the guide do what it says', async () => {
  const ports = { '8080': String(await freePort()), '8123': String(await freePort()) };
  const commands = (name: string): string => {
    const block = new RegExp(`^\`\`\`sh ${name}\\n(.*?)^\`\`\``, 'ms').exec(guide)?.[1];
    expect(block, `the guide's commands "${name}"`).toBeDefined();
    return block!.replaceAll(/8080|8123/g, (port) => ports[port as keyof typeof ports]);
  };
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(BIN, join(cwd, 'node_modules', '.bin', 'clickproof'));
  const shell = (script: string) =>
    execFileSync('bash', ['-c', script], { cwd, encoding: 'utf8', stdio: 'pipe' });

  // A process group of its own, so that all that the commands start can be ended together.
  const roles = spawn('bash', ['-c', `${commands('start')}\nwait`], {
    cwd,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => roles.on('close', resolve));
  onTestFinished(async () => {
    process.kill(-roles.pid!, 'SIGTERM');
    await ended;
  });
  let said = '';
  roles.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually(() => expect(said.match(/ is ready/g) ?? [], said).toHaveLength(5));
  expect(shell(commands('send'))).toBe('200\n');
  await eventually(() => expect(shell(commands('query'))).toBe('page_view\thttp://shop.example/hello\n'));

  writeFileSync(join(cwd, 'old.log'), `${accessLine()}\n`);
  shell(commands('by-hand'));
  shell(commands('by-hand'));
  await eventually(async () =>
    expect(await topicCounts(join(cwd, 'data'), ['tracking_raw', 'tracking_persisted'])).toEqual([2, 2]),
  );
}, 120_000);
