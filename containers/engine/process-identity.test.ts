import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isAlive, processIdentity } from './process-identity.ts';

it('knows the living from the dead', async () => {
  expect(isAlive(processIdentity())).toBe(true);
  const child = spawn('sleep', ['60']);
  const identity = processIdentity(child.pid);
  expect(isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
});

it('does not take a process for another that had its number', () => {
  const [host, pid] = processIdentity().split(':');
  expect(isAlive(`${host}:${pid}:12345`)).toBe(process.platform !== 'linux');
});

it('says nothing of a process of another container with the same name of a host', () => {
  const [host, pid, start, namespace] = processIdentity().split(':');
  expect(isAlive(`${host}:${pid}:1:${namespace}`)).not.toBeUndefined();
  expect(isAlive(`${host}:${pid}:${start}:${namespace}1`)).toBeUndefined();
});

it('says nothing of other machines, and takes nonsense for dead', () => {
  expect(isAlive('elsewhere:1:1')).toBeUndefined();
  const [host] = processIdentity().split(':');
  for (const broken of ['', ':', `${host}:`, `${host}:-1:`, `${host}:x:`]) {
    expect(isAlive(broken)).not.toBe(true);
  }
});
