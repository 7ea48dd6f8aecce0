import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { maxLineBytes } from '../contracts/access-log.ts';
import type { Diagnostics, Running } from '../contracts/running.ts';
import { SHIPPER_STATE_BYTES } from '../contracts/topic-specs.ts';
import type { TopicNames } from '../contracts/topics.ts';
import type { EventLog } from '../log/port.ts';
import { BatchBuilder } from './batch.ts';
import { checkFile, listOne, positionsFor } from './by-hand.ts';
import { listLogFiles } from './directory.ts';
import { noticesTo } from './notices.ts';
import { Position } from './position.ts';
import { Reader } from './reader.ts';
import type { ShipperSettings } from './settings.ts';
import { Follower } from './shipper.ts';
import { type FilePosition, readState } from './state.ts';
import { emptyStats, type ShipperStats } from './stats.ts';
import { TrackedFiles } from './tracked-files.ts';
import { ChangeWaiter } from './waiter.ts';

export { type ShipperSettings, shipperSettings } from './settings.ts';
export type { ShipperStats } from './stats.ts';

export interface ShipperDependencies {
  readonly log: EventLog;
  readonly topics: Pick<TopicNames, 'raw' | 'failed' | 'shipperState'>;
  readonly diagnostics: Diagnostics;
  /** Unix time, ms: the time of reading that the envelopes carry. */
  readonly clock?: () => number;
  /** The largest record of the position. */
  readonly stateBytes?: number;
}

/** A shipper at work. */
export interface Shipper extends Running {
  stats(): ShipperStats;
}

/**
 * Ships the access log to the event log: every line exactly once, in the order of the log, through rotation and any death.
 * Resolves when it has taken over the position kept under its id; `done` rejects with ANOTHER_SHIPPER when
 * another one takes it over later. With `from` it ships that file to its end and is done.
 *
 * @throws ClickproofError ANOTHER_SHIPPER, STATE_UNREADABLE, TOPIC_MISSING, FILE_UNREADABLE
 */
export async function startShipper(
  settings: ShipperSettings,
  { log, topics, diagnostics, clock = Date.now, stateBytes = SHIPPER_STATE_BYTES }: ShipperDependencies,
): Promise<Shipper> {
  const from = settings.from === undefined ? undefined : resolve(settings.from);
  if (from !== undefined) checkFile(from);
  const logFile = resolve(settings.logFile);
  const instance = randomUUID();
  const stats = emptyStats();
  const stopping = new AbortController();
  const { signal } = stopping;

  const identity = {
    id: settings.id,
    instance,
    hostname: hostname(),
    name: settings.name ?? hostname(),
  };
  const batch = new BatchBuilder(
    identity,
    { topic: topics.raw, partitions: await log.partitions(topics.raw) },
    { topic: topics.failed, partitions: await log.partitions(topics.failed) },
    { lines: settings.batchLines, bytes: settings.batchBytes, bodyBytes: settings.maxBodyBytes },
  );
  const notices = noticesTo(diagnostics, stats);
  const files = new TrackedFiles({
    list: from === undefined ? () => listLogFiles(logFile) : () => listOne(from),
    maxLineBytes: maxLineBytes({ uriCharacters: 0, bodyBytes: settings.maxBodyBytes }),
    maxOpenFiles: settings.maxOpenFiles,
    stateBytes,
    notices,
  });
  const position = new Position({
    log,
    stateTopic: topics.shipperState,
    stateBytes,
    // A file given by hand has a position of its own, so that shipping it does not fence the one who follows the log.
    key: from === undefined ? settings.id : `${settings.id}:from`,
    instance,
    clock,
    onCommitted: (committed) => {
      stats.transactions += 1;
      stats.lines += committed.lines;
      stats.failed += committed.failed;
      stats.bytes += committed.bytes;
      follower.committed();
    },
  });
  const reader = new Reader(batch, {
    readBytes: settings.readBytes,
    clock,
    signal,
    acceptUnterminated: from !== undefined,
    onFull: () => follower.submit(),
    onReplaced: (file, unread) => notices.replaced(file, unread),
  });
  const waiter = new ChangeWaiter(dirname(from ?? logFile), settings.pollInterval);
  const follower: Follower = new Follower(
    { position, files, reader, batch, waiter },
    {
      logFile: from === undefined ? logFile : undefined,
      lingerMs: settings.linger,
      scanIntervalMs: settings.scanInterval,
      closeInactiveMs: settings.closeInactive,
      diagnostics,
      signal,
      onInterrupted: () => {
        stats.errors += 1;
      },
    },
  );

  let recorded: FilePosition[];
  try {
    recorded = await position.takeOver(from === undefined ? async (before) => before : byHand(from));
  } catch (error) {
    await position.close().catch(() => {});
    throw error;
  }
  files.restore(recorded);

  const done = follower.run().finally(async () => {
    waiter.stop();
    files.close();
    await position.close().catch(() => {});
  });
  // Whoever awaits `done` gets the error; nobody doing so must not end the process.
  done.catch(() => {});
  return {
    done,
    stop: () => {
      stopping.abort();
      waiter.stop();
      return done.catch(() => {});
    },
    stats: () => ({
      ...stats,
      unreadBytes: files.all.reduce((sum, file) => sum + Math.max(0, file.size - file.offset), 0),
      openFiles: files.all.filter((file) => file.isOpen).length,
      files: files.all.length,
    }),
  };

  /** The position before a file given by hand is shipped, from those of all that were, and the follower's own. */
  function byHand(path: string): (before: FilePosition[]) => Promise<FilePosition[]> {
    return async (before) => {
      const followed = (await readState(log, topics.shipperState, settings.id))?.files ?? [];
      const { own, others } = positionsFor(path, before);
      files.keep(others);
      const known = [own, positionsFor(path, followed).own].filter((one) => one !== undefined);
      const furthest = known.sort((a, b) => b.offset - a.offset)[0];
      if (furthest === undefined) return others;
      if (settings.again) {
        diagnostics.info(`shipping ${path} again, although ${furthest.offset} bytes of it have been shipped`);
        return others;
      }
      diagnostics.info(
        `${furthest.offset} bytes of ${path} have been shipped before and are left out (--again ships them once more)`,
      );
      return [...others, furthest];
    };
  }
}
