import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EventLog } from '../../pipeline/log/index.ts';
import { readState } from '../../pipeline/shipper/state.ts';

/**
 * Bytes of the access log beyond the position that the shipper has committed: told from the files and the recorded position,
 * so that it holds while the shipper is down, too.
 */
export async function unshippedBytes(
  log: EventLog,
  { accessLog, stateTopic, shipperId }: { accessLog: string; stateTopic: string; shipperId: string },
): Promise<number> {
  const state = await readState(log, stateTopic, shipperId);
  const folder = dirname(accessLog);
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(basename(accessLog)) || name.endsWith('.gz')) continue;
    const { ino, dev, size } = await stat(join(folder, name), { bigint: true });
    const known = state?.files.find(({ device, inode }) => device === String(dev) && inode === String(ino));
    bytes += Math.max(0, Number(size) - (known?.offset ?? 0));
  }
  return bytes;
}
