import { expect, it } from 'vitest';
import { engineSecurity } from '../engine/index.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { ownUser } from './files.ts';

const engineWith = (...SecurityOptions: string[]) =>
  fakeEngine((_, response) => void response.end(JSON.stringify({ SecurityOptions })));

it('a container writes as whoever runs this; where the engine runs as them, that is its root', async () => {
  const own = { uid: process.getuid!(), gid: process.getgid!() };
  expect(await ownUser(await engineWith('name=seccomp,profile=builtin'))).toEqual(own);
  const rootless = await engineWith('name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns');
  expect(await engineSecurity(rootless)).toEqual({ rootless: true, selinux: false });
  expect(await ownUser(rootless)).toEqual({ uid: 0, gid: 0 });
});

it('sees SELinux', async () => {
  expect(await engineSecurity(await engineWith('name=selinux'))).toEqual({ rootless: false, selinux: true });
});
