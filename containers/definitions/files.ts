import { readFile } from 'node:fs/promises';
import { type Engine, engineSecurity } from '../engine/index.ts';

/** A configuration file of this folder. */
export async function definitionFile(name: string): Promise<Buffer> {
  return readFile(new URL(name, import.meta.url));
}

/** Whoever runs this, as a container has to name them: what it writes to a directory of this machine is theirs. */
export async function ownUser(engine: Pick<Engine, 'docker'>): Promise<{ uid: number; gid: number }> {
  if ((await engineSecurity(engine)).rootless) return { uid: 0, gid: 0 };
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
