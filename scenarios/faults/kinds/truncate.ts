import { copyFile, truncate as cut, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { KEPT } from '../../readers/access-log-reader.ts';
import { writerOf } from '../log/writer.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  truncate: z
    .enum(['behind the shipper', 'ahead of the shipper'])
    .describe('The access log is cut to nothing when all of it is shipped, or when a part of it is not'),
  bytes: z.number().int().positive().default(50_000).describe('How much of it is not shipped, at least'),
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
    const witness = new Witness(world, { table: 'faults', fault: `truncation ${where}`, where: 'shipper' });
    const before = await shipped(world);
    const ahead = where === 'ahead of the shipper';
    if (ahead) await fallBehind(bytes, world);
    await stack.pause(writer);
    try {
      const unread = async () => (await stack.progress()).unshippedBytes;
      const ready = ahead || (await world.becomes(async () => (await unread()) === 0, WITHIN_MS));
      const lost = await unread();
      witness.note(
        ready && (ahead ? lost > 0 : lost === 0),
        `${lost} bytes of the log had not been shipped when it was cut`,
      );
      await empty(stack.accessLog, witness);
    } finally {
      await stack.resume('shipper');
    }
    try {
      // What it finds first is an empty file; lines come later.
      const noticed = await world.becomes(
        async () => (await shipped(world)).replaced > before.replaced,
        WITHIN_MS,
      );
      const { replaced, lostBytes } = await shipped(world);
      witness.note(
        noticed,
        `the shipper says: ${replaced - before.replaced} file truncated, ${lostBytes - before.lostBytes} bytes lost that it knew of`,
      );
    } finally {
      await stack.resume(writer);
    }
    return [witness.evidence()];
  },
};

/** Has the log grow ahead of a shipper that stands still. */
async function fallBehind(bytes: number, world: FaultWorld): Promise<void> {
  const { stack } = world;
  await stack.pause('shipper');
  await world.becomes(async () => (await stack.progress()).unshippedBytes >= bytes, WITHIN_MS);
}

async function empty(accessLog: string, witness: Witness): Promise<void> {
  const { size, ino } = await stat(accessLog);
  await copyFile(accessLog, join(dirname(accessLog), `${KEPT}${Date.now()}-${basename(accessLog)}`));
  await cut(accessLog, 0);
  const after = await stat(accessLog);
  witness.note(
    size > 0 && after.size === 0 && after.ino === ino,
    `the log had ${size} bytes, and then none, as the same file`,
  );
}

async function shipped({ stack }: FaultWorld): Promise<{ replaced: number; lostBytes: number }> {
  const { replaced, lostBytes } = (await stack.stats('shipper')) as { replaced: number; lostBytes: number };
  return { replaced, lostBytes };
}
