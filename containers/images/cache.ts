import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const UNFINISHED = 'unfinished-';
/** No stage takes so long. */
const ABANDONED_MS = 24 * 3_600_000;

/** Where downloads and builds are kept between runs: `$XDG_CACHE_HOME/clickproof`, else `~/.cache/clickproof`. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clickproof');
}

/** SHA-256 over texts, 16 hex digits; where one ends and the next begins counts. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/** Every file below a directory, by path relative to it, in order: names and contents as one list for `hashOf`. */
export async function contentsOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const parts: string[] = [];
  for (const file of files.sort()) {
    parts.push(file.slice(directory.length), (await stat(file)).mode.toString(8));
    parts.push(await readFile(file, 'latin1'));
  }
  return parts;
}

/** Keeps what was made from the same inputs, one directory each. */
export class StageCache {
  private readonly directory: string;
  private readonly fresh: boolean;
  private readonly made = new Set<string>();

  /** @param fresh makes everything anew, once */
  constructor(directory: string, fresh = false) {
    this.directory = directory;
    this.fresh = fresh;
  }

  /**
   * The directory that `make` filled for this key, now or earlier. A broken-off `make` leaves nothing behind that could be taken
   * for a result: the directory gets its name when it is complete.
   */
  async stage(
    name: string,
    key: string,
    make: (directory: string) => Promise<void>,
  ): Promise<{ directory: string; made: boolean }> {
    const directory = join(this.directory, `${name}-${key}`);
    if ((!this.fresh || this.made.has(directory)) && (await exists(directory))) {
      return { directory, made: false };
    }
    await mkdir(this.directory, { recursive: true });
    await this.sweep();
    const unfinished = await mkdtemp(join(this.directory, `${UNFINISHED}${name}-`));
    try {
      await make(unfinished);
      await rm(directory, { recursive: true, force: true });
      await rename(unfinished, directory);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
    this.made.add(directory);
    return { directory, made: true };
  }

  /** Removes what was left by a `make` that was killed; one that goes on is younger. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (!name.startsWith(UNFINISHED)) continue;
      const path = join(this.directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      // What cannot be removed (something is mounted there) is no reason not to go on.
      if (Date.now() - mtimeMs > ABANDONED_MS)
        await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
