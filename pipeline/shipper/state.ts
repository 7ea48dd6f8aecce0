import { z } from 'zod';
import { ClickproofError } from '../contracts/errors.ts';
import type { EventLog } from '../log/port.ts';

/** How much of a file's beginning tells it from another one with the same inode. */
export const FINGERPRINT_BYTES = 1024;

/**
 * How far one file has been shipped, and which file that is: an inode is used again after a file is deleted, and a path
 * names another file after every rotation.
 */
const filePosition = z.strictObject({
  device: z.string(),
  inode: z.string(),
  /** Of the first bytes that have been shipped, at most {@link FINGERPRINT_BYTES}: they never change in an access log. */
  fingerprint: z.strictObject({ length: z.int().nonnegative(), sha256: z.string() }),
  /** Every byte before this one is committed: as a line, as a failure, or dropped as an empty line. */
  offset: z.int().nonnegative(),
  /** Where it was last seen. For people: a file is found by device, inode and fingerprint. */
  path: z.string(),
});

const shipperState = z.strictObject({
  schema: z.literal(1),
  /** The process that wrote this; another name here means that another shipper has taken over. */
  instance: z.string(),
  files: z.array(filePosition),
});

/** One file's entry in the state. */
export type FilePosition = z.infer<typeof filePosition>;
/** The shipper's position: one record in a compacted topic, written in the transaction of the lines it covers. */
export type ShipperState = z.infer<typeof shipperState>;

/**
 * The state as a record value. Takes the entries as JSON text, since most do not change from one batch to the next. Where renamed
 * files have made it larger than it may be, it is written without their paths, which are for people.
 */
export function encodeState(instance: string, files: readonly string[], maxBytes: number): Buffer {
  const encode = (entries: readonly string[]) =>
    Buffer.from(`{"schema":1,"instance":${JSON.stringify(instance)},"files":[${entries.join(',')}]}`);
  const value = encode(files);
  return value.length <= maxBytes ? value : encode(files.map(withoutPath));
}

function withoutPath(entry: string): string {
  return JSON.stringify({ ...JSON.parse(entry), path: '' } satisfies FilePosition);
}

/** @throws ClickproofError STATE_UNREADABLE */
export function decodeState(value: Buffer): ShipperState {
  try {
    return shipperState.parse(JSON.parse(value.toString()));
  } catch (cause) {
    throw new ClickproofError('STATE_UNREADABLE', "the shipper's recorded position cannot be read", {
      remedy: 'it was written by another version or damaged; choose another id to ship everything again',
      cause,
    });
  }
}

/** The newest state that stands under a key; null when there is none. Claim the transactional id first. */
export async function readState(log: EventLog, topic: string, key: string): Promise<ShipperState | null> {
  const wanted = Buffer.from(key);
  let newest: Buffer | null = null;
  for (const { partition, start } of await log.ends(topic)) {
    for await (const batch of log.read({ topic, partition, offset: start })) {
      for (const record of batch.records) {
        if (record.key !== null && wanted.equals(record.key)) newest = record.value;
      }
    }
  }
  return newest === null ? null : decodeState(newest);
}
