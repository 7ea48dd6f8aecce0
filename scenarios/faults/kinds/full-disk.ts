import { open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../../pipeline/contracts/errors.ts';
import { duration } from '../../../pipeline/contracts/units.ts';
import { SMALL_DISK_BYTES } from '../log/small-disk.ts';
import { writerOf } from '../log/writer.ts';
import { type FaultKind, type FaultWorld, losableFromNow, Witness } from './kind.ts';

const fields = z.strictObject({
  fullDisk: duration.describe(
    'How long there is no room left for the access log; needs `stack: { smallDisk: true }`',
  ),
});

/** Something else takes all the room there is where the access log is, and gives it back later. */
export const fullDisk: FaultKind<typeof fields> = {
  fields,
  touches: () => ['collector'],
  async inject({ fullDisk: ms }, world) {
    const { stack } = world;
    const writer = writerOf(stack);
    const witness = new Witness(world, { table: 'faults', fault: 'full disk', where: writer });
    const folder = dirname(stack.accessLog);
    const { blocks, bsize } = await statfs(folder);
    if (blocks * bsize > 2 * SMALL_DISK_BYTES) throw new Error(`${folder} is not on a small disk`);
    const ballast = join(folder, 'ballast');
    const losable = losableFromNow(world);
    try {
      const written = await fill(ballast);
      witness.note(written > 0, `${written} bytes of something else left no room`);
      // Nginx answers before it writes; the collector does not say yes to what it cannot keep, once the log's last page is full.
      const wanted = writer === 'nginx' ? 200 : 503;
      const answered = await world.becomes(async () => (await answersWith(world)) === wanted, 2_000);
      witness.note(answered, `${writer} answered ${wanted} to a request of its own`);
      const until = world.now() + ms;
      while (world.now() < until) {
        await fill(ballast);
        await world.sleep(100);
      }
      const { bavail } = await statfs(folder);
      witness.note(bavail === 0, 'there was no room until the end');
    } finally {
      await rm(ballast, { force: true });
    }
    if (writer === 'nginx') await world.sleep(NGINX_SKIPS_MS);
    witness.mayLose(losable());
    return [witness.evidence()];
  },
};

/** For the rest of the second in which it found a disk full Nginx does not try to log (ngx_http_log_module, `disk_full_time`). */
const NGINX_SKIPS_MS = 1_000;
const PIECE = Buffer.alloc(64 * 1024);

/** Writes until there is no room for a byte. @returns how many bytes it wrote */
async function fill(path: string): Promise<number> {
  const file = await open(path, 'a');
  let written = 0;
  try {
    for (let size = PIECE.length; size >= 1; ) {
      try {
        written += (await file.write(PIECE, 0, size)).bytesWritten;
      } catch (error) {
        if (!hasCode(error, 'ENOSPC')) throw error;
        size = Math.floor(size / 8);
      }
    }
  } finally {
    await file.close();
  }
  return written;
}

async function answersWith({ stack, signal, ownMark }: FaultWorld): Promise<number> {
  const answer = await fetch(`${stack.collectorUrl}/i?e=pv&aid=full-disk&tna=${ownMark}`, { signal });
  await answer.arrayBuffer();
  return answer.status;
}
