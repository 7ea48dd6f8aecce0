import { readFile } from 'node:fs/promises';

/** A configuration file of this folder. */
export async function definitionFile(name: string): Promise<Buffer> {
  return readFile(new URL(name, import.meta.url));
}

/** `uid:gid` of whoever runs this: what a container writes to a directory of this machine is theirs. */
export function ownUser(): string {
  return `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
}
