import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** An open log file, appended to. Calls are never made concurrently. */
export interface LogFile {
  /** Writes some of the bytes at the end and says how many. */
  write(buffer: Buffer, offset: number, length: number): Promise<number>;
  /** Puts what was written on the disk. */
  sync(): Promise<void>;
  size(): Promise<number>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** What the log writer needs of a file system; tests put a full disk in its place. */
export interface LogFiles {
  /** Opens a file for appending, makes it if it is missing, and ends its last line if something left it unended. */
  open(path: string): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  /** The names in the folder of a file. */
  siblings(path: string): Promise<string[]>;
  remove(path: string): Promise<void>;
  /** Puts the folder's entry of a new file on the disk. */
  syncFolder(path: string): Promise<void>;
}

const NEWLINE = 0x0a;

/** The real one. */
export const diskLogFiles: LogFiles = {
  async open(path) {
    await mkdir(dirname(path), { recursive: true });
    // Readable as well, to see how it ends.
    const handle = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644);
    try {
      const { size } = await handle.stat();
      if (size > 0) {
        const last = Buffer.alloc(1);
        await handle.read(last, 0, 1, size - 1);
        // A writer died in mid-line: what follows must not become part of its torn line.
        if (last[0] !== NEWLINE) await handle.write('\n');
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    return diskLogFile(handle);
  },
  rename,
  siblings: (path) => readdir(dirname(path)),
  remove: unlink,
  async syncFolder(path) {
    const handle = await open(dirname(path), constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function diskLogFile(handle: FileHandle): LogFile {
  return {
    write: async (buffer, offset, length) => (await handle.write(buffer, offset, length)).bytesWritten,
    sync: () => handle.datasync(),
    size: async () => (await handle.stat()).size,
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}
