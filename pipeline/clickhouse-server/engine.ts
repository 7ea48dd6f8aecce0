import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drainPending, Session } from 'chdb';
import { ClickproofError } from '../contracts/errors.ts';
import { engineConfig } from './config.ts';
import type { ClickHouseServerSettings } from './settings.ts';

/** A finished statement. */
export interface EngineResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  /** Seconds. */
  readonly elapsed: number;
}

/**
 * The one owner of ClickHouse's engine in this process. The engine binds one data path per process, and one
 * process per data path: it holds a file lock on it, which the kernel drops when the process dies.
 */
export class Engine {
  readonly path: string;
  /** Where request bodies are spooled. Emptied on opening: nothing in it outlives its request. */
  readonly spool: string;
  readonly version: string;
  /** Keeps the engine up between requests. */
  readonly #root: Session;
  readonly #purging: NodeJS.Timeout | undefined;
  /** Connections since the last purge. */
  #used = 0;

  private constructor(path: string, spool: string, root: Session, purgeInterval: number) {
    this.path = path;
    this.spool = spool;
    this.#root = root;
    if (purgeInterval > 0) this.#purging = setInterval(() => this.#purge(), purgeInterval).unref();
    this.version = root.query('SELECT version()', 'TabSeparatedRaw').trim();
  }

  /**
   * Opens or creates the data directory.
   *
   * @throws ClickproofError DATA_PATH_IN_USE another process holds it.
   * @throws ClickproofError DATA_PATH_UNUSABLE it cannot be created or written.
   * @throws ClickproofError DATA_CORRUPT the engine cannot load what is in it.
   */
  static open(settings: ClickHouseServerSettings): Engine {
    const path = resolve(settings.path);
    const spool = join(path, 'clickproof-spool');
    const config = join(path, 'clickproof-engine.xml');
    try {
      mkdirSync(path, { recursive: true });
      writeFileSync(config, engineConfig(settings));
    } catch (cause) {
      throw new ClickproofError(
        'DATA_PATH_UNUSABLE',
        `the ClickHouse data directory ${path} cannot be written`,
        {
          remedy: 'choose another with --path, or give this user the right to write it',
          cause,
        },
      );
    }
    let root: Session;
    try {
      root = new Session(path, {
        connectionArgs: [
          `--config-file=${config}`,
          `--max_threads=${settings.maxThreads}`,
          '--implicit_select=0',
        ],
      });
    } catch (cause) {
      throw openingFailure(path, cause);
    }
    rmSync(spool, { recursive: true, force: true });
    mkdirSync(spool, { recursive: true });
    return new Engine(path, spool, root, settings.purgeInterval);
  }

  /** A connection of its own, with its own settings and parameters; costs a tenth of a millisecond. */
  connect(): EngineConnection {
    this.#used++;
    return new EngineConnection(new Session(this.path));
  }

  /** Waits for what still runs, then lets the data directory go. */
  async close(): Promise<void> {
    clearInterval(this.#purging);
    await drainPending();
    this.#root.close();
    await drainPending();
  }

  /** Gives freed memory back: the engine's allocator would keep some 150 MB of it after a burst of inserts. */
  #purge(): void {
    if (this.#used === 0) return;
    this.#used = 0;
    // Where the engine has another allocator there is nothing to give back.
    this.#root.queryAsync('SYSTEM JEMALLOC PURGE').catch(() => clearInterval(this.#purging));
  }
}

/** One request's connection. Its settings end with it. */
export class EngineConnection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Runs a statement to its end, off the event loop. Not to be interrupted. */
  async run(sql: string, format: string): Promise<EngineResult> {
    const result = await this.#session.queryAsync(sql, { format });
    const { rowsRead, bytesRead, elapsed } = result;
    return { bytes: result.bytes(), rowsRead, bytesRead, elapsed };
  }

  /** Runs a SELECT and gives its result piece by piece; leaving the loop cancels it. */
  async *stream(sql: string, format: string): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#session.queryStream(sql, { format })) yield chunk.raw();
  }

  close(): void {
    this.#session.close();
  }
}

/** The engine's exception does not say why; its lock file says who. The reason itself is on standard error. */
function openingFailure(path: string, cause: unknown): ClickproofError {
  const owner = ownerOf(path);
  if (owner !== undefined) {
    return new ClickproofError(
      'DATA_PATH_IN_USE',
      `process ${owner} already holds the ClickHouse data ${path}`,
      {
        remedy: `stop process ${owner}, or use another directory with --path`,
        cause,
      },
    );
  }
  return new ClickproofError(
    'DATA_CORRUPT',
    `ClickHouse's engine cannot load the data in ${path} (its reason is above)`,
    {
      remedy:
        'restore the directory from a copy, or move it away: it is filled again by resetting the sink’s offsets',
      cause,
    },
  );
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(path, 'status'), 'utf8'))?.[1]);
    if (!Number.isInteger(pid) || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
