#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on the Node that a user happens to have, and hand over to the project's own.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
/** Tells the started one that its launcher holds the other end of file descriptor 3. */
const LAUNCHED = 'CLICKPROOF_LAUNCHED';
const here = dirname(fileURLToPath(import.meta.url));

const own = ownNode();
const underNpm = process.env.npm_command !== undefined;
if (!isOlder(process.versions.node, own?.version ?? `${NEEDED}.0`)) await run();
else if (own) launch(own.path);
else {
  console.error(
    `clickproof: needs Node ${NEEDED}, this is ${process.versions.node}, and the one it brings is not installed\n  run npm ci, with install scripts allowed (npm's package "node" needs them)`,
  );
  process.exit(1);
}

async function run() {
  if (process.env[LAUNCHED] !== undefined) {
    delete process.env[LAUNCHED];
    watchLauncher();
  } else if (underNpm) watchNpm(() => process.kill(process.pid, 'SIGTERM'));
  // What was compiled, or freed of its types, is kept for the next time: that halves the time to start.
  module.enableCompileCache();
  const source = join(here, 'main.ts');
  const { main } = await import(existsSync(source) ? source : join(here, '..', 'dist', 'cli', 'main.js'));
  await main(process.argv.slice(2));
}

/** Does the job under the project's own Node: its output, its exit code, and every signal passed on. */
function launch(node) {
  const child = spawn(node, [join(here, 'bin.js'), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [LAUNCHED]: '1' },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
  let told = false;
  for (const signal of signals) {
    process.on(signal, () => {
      told = true;
      child.kill(signal);
    });
  }
  if (underNpm) watchNpm(() => told || child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`clickproof: cannot start its own Node ${NEEDED}: ${error.message}\n  run: npm ci`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/** A launcher that is killed cannot pass that on: its end of the pipe closes, and then there is nobody to work for. */
function watchLauncher() {
  const launcher = new Socket({ fd: 3, readable: true, writable: false });
  launcher.on('error', () => {});
  launcher.on('close', () => process.emit('disconnect') || process.exit(1));
  launcher.resume().unref();
}

/**
 * npm that is told to end does so without a word to what it runs. A signal to the whole group comes here, too, at the same time: so soon
 * after it another one is the same press (cli/interrupt.ts, ONE_PRESS_MS).
 */
function watchNpm(end) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 100);
  timer.unref();
}

function ownNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
    const path = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? { version, path } : undefined;
  } catch {
    return undefined;
  }
}

function isOlder(version, than) {
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
