import { createReadStream } from 'node:fs';
import { copyFile, truncate as cut, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { KEPT } from '../../readers/access-log-reader.ts';
import { countedSince, countedSoFar } from '../counters.ts';
import { writerOf } from '../log/writer.ts';
import { whileStanding } from '../standing.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  truncate: z
    .enum(['behind the shipper', 'ahead of the shipper'])
    .describe(
      'The access log is cut to nothing when all of it is shipped, or when a part of it has not been read',
    ),
  bytes: z
    .number()
    .int()
    .positive()
    .default(50_000)
    .describe('How much of it has not been read then, at least'),
});

const WITHIN_MS = 60_000;

/**
 * Somebody empties the access log, as `copytruncate` does; nobody writes in that moment. What was in it is kept for the checker,
 * where no shipper looks. With our shipper alone.
 */
export const truncate: FaultKind<typeof fields> = {
  fields,
  touches: () => ['collector', 'shipper'],
  async inject({ truncate: where, bytes }, world) {
    const { stack } = world;
    const writer = writerOf(stack);
    const ahead = where === 'ahead of the shipper';
    const witness = new Witness(world, { table: 'faults', fault: `truncation ${where}`, where: 'shipper' });
    const lostBytes = await countedSoFar('shipper', 'lostBytes', world);
    const replaced = await countedSoFar('shipper', 'replaced', world);
    const cutAndSeen = () =>
      whileStanding(writer, world, async () => {
        await cutNow(ahead, witness, world);
        await stack.resume('shipper');
        // What it finds first is an empty file; lines come later.
        const more = () => countedSince(replaced, 'shipper', 'replaced', world);
        const noticed = await world.becomes(async () => (await more()) > 0, WITHIN_MS);
        const lost = await countedSince(lostBytes, 'shipper', 'lostBytes', world);
        witness.note(
          noticed,
          `the shipper says: ${await more()} file truncated, ${lost} bytes lost that it knew of`,
        );
        // It can be over in milliseconds: that nobody writes is to be met by somebody.
        await world.becomes(() => witness.met(), WITHIN_MS);
      });
    if (ahead) {
      await whileStanding('shipper', world, async () => {
        await fallBehind(bytes, witness, world);
        await cutAndSeen();
      });
    } else await cutAndSeen();
    return [witness.evidence()];
  },
};

/** Has the log grow ahead of a shipper that stands still. What it has not shipped by then it may have read. */
async function fallBehind(bytes: number, witness: Witness, world: FaultWorld): Promise<void> {
  const sizeNow = async () => (await stat(world.stack.accessLog)).size;
  const before = await sizeNow();
  let ahead = 0;
  const enough = async () => {
    ahead = (await sizeNow()) - before;
    return ahead >= bytes;
  };
  witness.note(
    await world.becomes(enough, WITHIN_MS),
    `the log came ${ahead} bytes ahead of a shipper that stood still`,
  );
}

/** While nobody writes. */
async function cutNow(ahead: boolean, witness: Witness, world: FaultWorld): Promise<void> {
  const { stack } = world;
  let unread = Number.POSITIVE_INFINITY;
  const ready = async () => {
    unread = (await stack.progress()).unshippedBytes;
    return ahead ? unread > 0 : unread === 0;
  };
  witness.note(
    await world.becomes(ready, WITHIN_MS),
    `${unread} bytes of the log had not been shipped when it was cut`,
  );
  const kept = await empty(stack.accessLog, witness);
  witness.mayLose(await linesAtTheEnd(kept, unread));
}

/** How many lines the last bytes of a file are; one that is there in part counts. */
async function linesAtTheEnd(path: string, bytes: number): Promise<number> {
  const { size } = await stat(path);
  let lines = 0;
  for await (const chunk of createReadStream(path, { start: Math.max(0, size - bytes) })) {
    for (const byte of chunk as Buffer) if (byte === NEWLINE) lines++;
  }
  return lines;
}

const NEWLINE = 10;

/** @returns where what was in it is kept */
async function empty(accessLog: string, witness: Witness): Promise<string> {
  const { size, ino } = await stat(accessLog);
  const kept = join(dirname(accessLog), `${KEPT}${Date.now()}-${basename(accessLog)}`);
  await copyFile(accessLog, kept);
  await cut(accessLog, 0);
  const after = await stat(accessLog);
  witness.note(
    size > 0 && after.size === 0 && after.ino === ino,
    `the log had ${size} bytes, and then none, as the same file`,
  );
  return kept;
}
