#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on the Node that a user happens to have, and hand over to Node 24.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WANTED = 24;
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'main.ts');
const entry = existsSync(source) ? source : join(here, '..', 'dist', 'cli', 'main.js');

if (Number(process.versions.node.split('.')[0]) >= WANTED) {
  const { main } = await import(entry);
  await main(process.argv.slice(2));
} else {
  const child = spawn(ownNode(), [join(here, 'bin.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole group, so only signals sent to this process alone are passed on.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => {
    console.error(`clickproof: cannot start its own Node ${WANTED}: ${error.message}\n  run: npm ci`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

function ownNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    console.error(
      `clickproof: needs Node ${WANTED}, this is ${process.versions.node}, and the one it brings is not installed\n  run: npm ci`,
    );
    process.exit(1);
  }
}
