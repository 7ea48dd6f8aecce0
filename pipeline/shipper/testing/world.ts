import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilebeatEnvelope } from '../../contracts/envelope.ts';
import type { FailedMessage } from '../../contracts/messages.ts';
import type { Diagnostics } from '../../contracts/running.ts';
import { type EventLog, openEmbeddedLog } from '../../log/index.ts';
import { type Shipper, shipperSettings, startShipper } from '../index.ts';

/** For tests: an access log in a directory of its own, an embedded event log, and shippers between the two. */

export const TOPICS = { raw: 'raw', failed: 'failed', shipperState: 'state' };

export async function ensureTopics(log: EventLog, rawPartitions = 1): Promise<void> {
  const maxRecordBytes = 16_000_000;
  await log.ensureTopics([
    { name: TOPICS.raw, partitions: rawPartitions, cleanup: 'delete', maxRecordBytes },
    { name: TOPICS.failed, partitions: 1, cleanup: 'delete', maxRecordBytes },
    { name: TOPICS.shipperState, partitions: 1, cleanup: 'compact', maxRecordBytes },
  ]);
}

export class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'shipper-'));
  readonly logDirectory = join(this.directory, 'access');
  readonly logFile = join(this.logDirectory, 'tracking.log');
  readonly logPath = join(this.directory, 'events.db');
  readonly notes: string[] = [];
  readonly #shippers: Shipper[] = [];
  #log: EventLog | null = null;

  readonly diagnostics: Diagnostics = {
    info: (message) => void this.notes.push(message),
    warn: (message) => void this.notes.push(message),
    error: (message) => void this.notes.push(message),
  };

  static async create(rawPartitions = 1): Promise<World> {
    const world = new World();
    mkdirSync(world.logDirectory);
    await ensureTopics(world.log, rawPartitions);
    return world;
  }

  get log(): EventLog {
    this.#log ??= openEmbeddedLog({ path: this.logPath });
    return this.#log;
  }

  /** A path beside the live file: `path('.1')` is the first rotated one. */
  path(suffix = ''): string {
    return this.logFile + suffix;
  }

  append(text: string | Buffer, suffix = ''): void {
    appendFileSync(this.path(suffix), text);
  }

  rotate(to = '.1'): void {
    renameSync(this.logFile, this.path(to));
  }

  async start(
    settings: Record<string, unknown> = {},
    log: EventLog = this.log,
    limits: { stateBytes?: number } = {},
  ): Promise<Shipper> {
    const parsed = shipperSettings.parse({
      id: 'web',
      logFile: this.logFile,
      pollInterval: 10,
      scanInterval: 20,
      closeInactive: 60_000,
      ...settings,
    });
    const shipper = await startShipper(parsed, {
      log,
      topics: TOPICS,
      diagnostics: this.diagnostics,
      ...limits,
    });
    this.#shippers.push(shipper);
    return shipper;
  }

  /** What is in the raw topic, partition after partition. */
  async envelopes(): Promise<FilebeatEnvelope[]> {
    return (await this.#values(TOPICS.raw)).map((value) => JSON.parse(value.toString()));
  }

  async messages(): Promise<string[]> {
    return (await this.envelopes()).map(({ message }) => message);
  }

  async failures(): Promise<FailedMessage[]> {
    return (await this.#values(TOPICS.failed)).map((value) => JSON.parse(value.toString()));
  }

  async close(): Promise<void> {
    for (const shipper of this.#shippers) await shipper.stop();
    await this.#log?.close();
    rmSync(this.directory, { recursive: true });
  }

  async #values(topic: string): Promise<Buffer[]> {
    const values: Buffer[] = [];
    for (const { partition, start } of await this.log.ends(topic)) {
      for await (const { records } of this.log.read({ topic, partition, offset: start })) {
        for (const { value } of records) values.push(value!);
      }
    }
    return values;
  }
}

/** Waits for a condition; fails, saying which, when it does not come true. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function shipped(shipper: Shipper, lines: number): Promise<void> {
  return until(`${lines} lines are shipped`, () => shipper.stats().lines >= lines);
}
