import { rename, stat } from 'node:fs/promises';
import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { writerOf } from '../log/writer.ts';
import { type FaultKind, Witness } from './kind.ts';

const fields = z.strictObject({
  rotate: z
    .number()
    .int()
    .positive()
    .describe('How often the access log is renamed, and whoever writes it told to begin a new file'),
  every: duration
    .default(0)
    .describe('How long it is left alone at least: longer than whoever reads it takes to look for new files'),
  records: z.number().int().positive().default(20).describe('How many records are written in between'),
});

const NEW_FILE_WITHIN_MS = 20_000;

/** Rotation as logrotate does it, again and again while lines are written. */
export const rotate: FaultKind<typeof fields> = {
  fields,
  touches: () => ['collector'],
  async inject({ rotate: times, records, every }, world) {
    const { stack } = world;
    const writer = writerOf(stack);
    const witness = new Witness(world, { table: 'faults', fault: 'rotation', where: writer });
    const { accessLog } = stack;
    const inode = () =>
      stat(accessLog).then(
        ({ ino }) => ino,
        () => undefined,
      );
    const inodes = new Set([await inode()]);
    const stamp = Date.now();
    let bytes = 0;
    for (let i = 0; i < times; i++) {
      const to = `${accessLog}.${stamp}-${String(i).padStart(4, '0')}`;
      await rename(accessLog, to);
      await stack.kill(writer, 'SIGUSR1');
      if (!(await world.becomes(async () => (await inode()) !== undefined, NEW_FILE_WITHIN_MS))) break;
      inodes.add(await inode());
      bytes += (await stat(to)).size;
      const until = world.now() + every;
      await world.flow(records);
      await world.sleep(until - world.now());
    }
    witness.note(
      inodes.size === times + 1 && bytes > 0,
      `${writer} began ${inodes.size - 1} of ${times} new files, with ${bytes} bytes in the old ones`,
    );
    return [witness.evidence()];
  },
};
