import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventLog, OutRecord } from '../port.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.ts';

/** A path for a log, in a directory that is removed after the test. */
export function temporaryPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'clickproof-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'events.db');
}

/** A log that is closed after the test. */
export function openForTest(options: EmbeddedLogOptions): EventLog {
  const log = openEmbeddedLog(options);
  onTestFinished(() => log.close());
  return log;
}

export const TOPIC = { name: 'topic', partitions: 1, cleanup: 'delete', maxRecordBytes: 10_000_000 } as const;

export function out(value: string | Buffer, more: Partial<OutRecord> = {}): OutRecord {
  return {
    topic: 'topic',
    partition: 0,
    key: null,
    value: Buffer.from(value),
    timestamp: Date.now(),
    ...more,
  };
}
