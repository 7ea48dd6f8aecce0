import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics, Running } from '../contracts/running.ts';
import { BodyBudget } from './body.ts';
import { NetworkUserCookie } from './cookie.ts';
import { LineBuilder } from './line.ts';
import { diskLogFiles, type LogFiles } from './log-file.ts';
import { lockLog } from './log-lock.ts';
import { LogTime } from './log-time.ts';
import { LogWriter } from './log-writer.ts';
import { RareWarning } from './rare-warning.ts';
import { Redirects } from './redirect.ts';
import { listen, makeServer } from './server.ts';
import type { CollectorSettings } from './settings.ts';
import type { Shared } from './shared.ts';
import { type CollectorStats, Counters } from './stats.ts';

export { type CollectorSettings, collectorSettings } from './settings.ts';
export type { CollectorStats } from './stats.ts';

export interface CollectorParts {
  readonly diagnostics: Diagnostics;
  /** Unix time, ms. */
  readonly clock?: () => number;
  readonly files?: LogFiles;
}

/** A running collector. */
export interface Collector extends Running {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Goes on in a new log file after someone has renamed the present one (`logrotate`). */
  reopen(): Promise<void>;
  stats(): CollectorStats;
}

/**
 * Starts a collector: the tracker protocol in front, the access log behind. A request is answered after its line was handed to the
 * operating system (or put on the disk, as set); one whose line cannot be written is answered 503.
 *
 * @throws ClickproofError LOG_UNWRITABLE, LOG_IN_USE, PORT_IN_USE, PORT_NOT_PERMITTED, ADDRESS_NOT_AVAILABLE
 *
 * @example
 * const collector = await startCollector(collectorSettings.parse({ port: 0 }), { diagnostics: silent });
 * await fetch(`${collector.url}/i?e=pv&p=web`);
 * await collector.stop();
 */
export async function startCollector(settings: CollectorSettings, parts: CollectorParts): Promise<Collector> {
  const { diagnostics, clock: now = Date.now, files = diskLogFiles } = parts;
  const { writer, lock } = await openLog(settings, { diagnostics, now, files });
  const time = new LogTime(now, settings.cookieMaxAge);
  const counters = new Counters();
  const bugs = new RareWarning(diagnostics, now);
  const shared: Shared = {
    settings,
    diagnostics,
    time,
    writer,
    counters,
    bugs,
    lines: new LineBuilder(settings.serverName),
    cookie: new NetworkUserCookie(settings, time),
    redirects: new Redirects(settings.redirectDomains),
    bodies: new BodyBudget(settings.maxBufferedSize),
    stopping: false,
  };
  const server = makeServer(shared);
  let url: string;
  try {
    url = await listen(server, settings);
  } catch (error) {
    await writer.close();
    lock[Symbol.dispose]();
    throw error;
  }
  // Out of file descriptors, for one: clients wait, the collector stays.
  const trouble = new RareWarning(diagnostics, now);
  server.on('error', (error) => trouble.error('connections cannot be accepted', error));

  let openConnections = 0;
  server.on('connection', (socket) => {
    openConnections++;
    socket.once('close', () => openConnections--);
  });

  let stopped: Promise<void> | undefined;
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  return {
    url,
    done,
    reopen: () => writer.reopen(),
    stop() {
      shared.stopping = true;
      stopped ??= closeServer(server, settings.stopTimeout)
        .then(() => closeLog(writer, settings))
        .finally(() => lock[Symbol.dispose]());
      stopped.then(resolve, reject);
      return stopped;
    },
    stats: () => ({
      answers: Object.fromEntries(counters.answers),
      lines: counters.lines,
      unlogged: counters.unlogged,
      droppedConnections: counters.droppedConnections,
      openConnections,
      queuedBytes: writer.queuedBytes,
      rotations: writer.rotated,
    }),
  };
}

async function openLog(
  settings: CollectorSettings,
  parts: { diagnostics: Diagnostics; now: () => number; files: LogFiles },
): Promise<{ writer: LogWriter; lock: Disposable }> {
  let lock: Disposable | undefined;
  try {
    mkdirSync(dirname(settings.accessLog), { recursive: true });
    // Before it is opened, which ends a torn last line.
    lock = lockLog(settings.accessLog, parts.diagnostics);
    const writer = await LogWriter.open({
      ...parts,
      path: settings.accessLog,
      fsync: settings.fsync === 'batch',
      rotateSize: settings.rotateSize,
      rotateKeep: settings.rotateKeep,
      maxQueuedBytes: settings.maxBufferedSize,
    });
    return { writer, lock };
  } catch (cause) {
    lock?.[Symbol.dispose]();
    if (cause instanceof ClickproofError) throw cause;
    throw new ClickproofError(
      'LOG_UNWRITABLE',
      `the access log ${settings.accessLog} cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      {
        remedy: 'make its folder writable and free some space, or choose another file with --access-log',
        cause,
      },
    );
  }
}

/** Writes what waits, if the disk lets it within the time-out. */
async function closeLog(writer: LogWriter, { stopTimeout, accessLog }: CollectorSettings): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new ClickproofError(
        'LOG_STUCK',
        `${accessLog} took no bytes for ${stopTimeout} ms; the last lines may be missing`,
        {
          remedy: 'look at the disk; the requests concerned were not acknowledged',
        },
      ),
    );
  }, stopTimeout);
  try {
    await Promise.race([writer.close(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Accepts nothing more, lets requests in hand finish, cuts off what is left after the time-out. */
async function closeServer(server: Server, timeout: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setTimeout(() => server.closeAllConnections(), timeout);
  await closed;
  clearTimeout(timer);
}
