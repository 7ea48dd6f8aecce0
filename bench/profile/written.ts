import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpuProfile, type HotSpot, hotSpots } from './hot-spots.ts';

/** Node's arguments that make a process write a profile when it ends. */
export const profileInto = (folder: string): string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`];

/** The hot spots of each profile in a folder, by what `nameOf` calls its process. */
export async function writtenProfiles(
  folder: string,
  nameOf: (pid: number) => string | undefined,
): Promise<{ process: string; hotSpots: readonly HotSpot[] }[]> {
  const found = [];
  for (const file of await readdir(folder)) {
    // CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile
    const [, , , pid, thread] = file.split('.');
    const process = thread === '0' ? nameOf(Number(pid)) : undefined;
    if (process === undefined) continue;
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    found.push({ process, hotSpots: hotSpots(profile, 8) });
  }
  return found;
}
