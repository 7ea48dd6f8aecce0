import type { Diagnostics } from '../contracts/running.ts';
import type { ShipperStats } from './stats.ts';
import type { FileNotices } from './tracked-files.ts';

const FEWER_FILES =
  'remove or compress rotated files that have been shipped, and keep fewer (rotateKeep of the collector, or logrotate)';

/** Says what happened to the files, and counts what was lost. */
export function noticesTo(diagnostics: Diagnostics, stats: ShipperStats): FileNotices {
  return {
    replaced(file, unread) {
      stats.replaced += 1;
      const bytes = unread === null ? 0 : Math.max(0, unread.to - unread.from);
      const what = `${file.path} was truncated or replaced; it is shipped from its beginning`;
      if (bytes === 0) {
        diagnostics.info(what, { inode: file.inode });
        return;
      }
      stats.lostBytes += bytes;
      diagnostics.warn(`${what}. Bytes ${unread!.from} to ${unread!.to} had not been read and are lost`, {
        inode: file.inode,
        ...unread,
      });
    },
    lost(file, { from, to }) {
      stats.lostBytes += to - from;
      diagnostics.warn(
        `${file.path} was deleted before it was read: bytes ${from} to ${to} are lost; keep rotated files for longer`,
        { inode: file.inode, from, to },
      );
    },
    vanished(position) {
      diagnostics.info(
        `${position.path} is gone; it had been shipped up to byte ${position.offset}, and whether it had more is not known`,
        { inode: position.inode },
      );
    },
    unreadable(path, error) {
      diagnostics.warn(`${path} cannot be read and is left out for now: ${(error as Error).message}`, {
        path,
      });
    },
    compressed(name) {
      diagnostics.info(
        `${name} is compressed and left out: what is to be shipped must not be compressed before`,
      );
    },
    crowded(files) {
      diagnostics.warn(
        `${files} files are kept beside the access log, more than half of what the position can name`,
        { remedy: FEWER_FILES },
      );
    },
    full(waiting) {
      diagnostics.warn(
        'the position has no room for more files; newer ones wait, and nothing of them is lost',
        {
          waiting,
          remedy: FEWER_FILES,
        },
      );
    },
  };
}
