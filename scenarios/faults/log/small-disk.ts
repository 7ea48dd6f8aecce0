import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ClickproofError } from '../../../pipeline/contracts/errors.ts';

const run = promisify(execFile);

export const SMALL_DISK_BYTES = 48 * 1024 * 1024;

/** A file system of some megabytes in memory, which can be filled without harm to others. */
export class SmallDisk {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws ClickproofError NO_SMALL_DISK only root may mount one, on Linux */
  static async mount(directory: string): Promise<SmallDisk> {
    await mkdir(directory, { recursive: true });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', directory]);
    } catch (cause) {
      throw new ClickproofError(
        'NO_SMALL_DISK',
        `no small disk could be mounted: ${(cause as Error).message}`,
        {
          remedy: 'run this scenario as root on Linux, outside of a container that may not mount',
          cause,
        },
      );
    }
    return new SmallDisk(directory);
  }

  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.#directory]);
  }
}

/** Unmounts what is mounted below a folder, when there is no time to ask whose it is. */
export function unmountBelow(folder: string): void {
  if (process.platform !== 'linux') return;
  const mounted = readFileSync('/proc/mounts', 'utf8').split('\n');
  for (const line of mounted) {
    const [type, directory = ''] = line.split(' ');
    if (type !== 'tmpfs' || !directory.startsWith(`${folder}/`)) continue;
    try {
      execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' });
    } catch {
      // It has just been unmounted.
    }
  }
}
