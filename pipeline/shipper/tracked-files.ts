import type { FoundFile, Listing } from './directory.ts';
import type { FilePosition } from './state.ts';
import { TrackedFile } from './tracked-file.ts';

/** What reconciling the files with their directory found, for people. */
export interface FileNotices {
  /** The content is not what was shipped before: a truncation, or an inode used again. */
  replaced(file: TrackedFile, unread: { from: number; to: number } | null): void;
  /** The file was deleted before it was read to its end. */
  lost(file: TrackedFile, unread: { from: number; to: number }): void;
  /** A recorded file that is not there any more. */
  vanished(position: FilePosition): void;
  unreadable(path: string, error: unknown): void;
  compressed(name: string): void;
  /** The position names so many files that it will soon have no room for more. */
  crowded(files: number): void;
  /** It has no room for more: so many files are shipped when others are gone. */
  full(waiting: number): void;
}

export interface TrackedFilesOptions {
  readonly list: () => Listing;
  readonly maxLineBytes: number;
  readonly maxOpenFiles: number;
  /** The largest record of the position, in which every file that is there has its entry. */
  readonly stateBytes: number;
  readonly notices: FileNotices;
}

/** Shares of the largest position: beyond the first people are warned; beyond the second no further file is begun. */
const CROWDED = 0.6;
const FULL = 0.9;

/** The files of one access log, oldest first, and how far each has been handed out. */
export class TrackedFiles {
  readonly #options: TrackedFilesOptions;
  #files: TrackedFile[] = [];
  /** Recorded positions of files that have not been opened yet: before the first scan, and of unreadable ones. */
  #recorded = new Map<string, FilePosition>();
  /** Entries of the state that belong to no file here and stay as they are. */
  #kept: readonly FilePosition[] = [];
  readonly #complainedOf = new Set<string>();
  #wasCrowded = false;
  /** What the entries take, until they change: thousands of files may wait for room, and each is asked about in every pass. */
  #taken: number | undefined;

  constructor(options: TrackedFilesOptions) {
    this.#options = options;
  }

  /** Oldest first; those without a name any more before the others. */
  get all(): readonly TrackedFile[] {
    return this.#files;
  }

  get live(): TrackedFile | undefined {
    return this.#files.find((file) => file.live && !file.gone);
  }

  /**
   * Goes back to what is committed. Descriptors stay open: a file that was deleted can still be read through its own.
   */
  restore(positions: readonly FilePosition[]): void {
    const kept = new Set(this.#kept.map(keyOf));
    this.#recorded = new Map(
      positions.filter((one) => !kept.has(keyOf(one))).map((one) => [keyOf(one), one]),
    );
    for (const file of [...this.#files]) {
      const wasOpen = file.isOpen;
      if (this.#open(file)) this.#restore(file);
      else this.#remove(file);
      if (!wasOpen) file.close();
    }
  }

  /** Looks at the directory and takes in what came, went or was renamed. */
  scan(): void {
    this.entriesChanged();
    const { files: found, compressed, absent } = this.#options.list();
    // Its files may be back with it: forgotten positions would ship them again. What is open can be read as it is.
    if (absent) return;
    for (const name of compressed) this.#once(name, () => this.#options.notices.compressed(name));
    const known = new Map(this.#files.map((file) => [file.key, file]));
    const present: TrackedFile[] = [];
    for (const one of found) {
      const file = known.get(one.key) ?? this.#adopt(one);
      if (file === null) continue;
      known.delete(one.key);
      update(file, one);
      present.push(file);
    }
    const gone = [...known.values()].filter((file) => this.#keepsAlthoughGone(file));
    this.#files = [...gone, ...present];
    const keys = new Set(found.map((one) => one.key));
    for (const [key, position] of this.#recorded) {
      if (keys.has(key)) continue;
      this.#recorded.delete(key);
      this.#options.notices.vanished(position);
    }
    this.#warnWhenCrowded();
  }

  /**
   * Whether the position can name this file as well. A file that is there must stay named, or it would be shipped again; so one
   * that there is no room for waits until others have been removed.
   */
  hasRoomFor(file: TrackedFile): boolean {
    if (file.offset > 0) return true;
    this.#taken ??= this.#stateBytes();
    return this.#taken + Buffer.byteLength(file.entry()) <= FULL * this.#options.stateBytes;
  }

  /** What the position names has changed: to be called before files are asked for room, and after each that was read. */
  entriesChanged(): void {
    this.#taken = undefined;
  }

  /** Opens a file to read it, closing another where too many are open. */
  open(file: TrackedFile): boolean {
    if (!file.isOpen) this.#makeRoom(file);
    return this.#open(file);
  }

  /** Closes a file for good if it has no name any more, else until it changes. */
  retire(file: TrackedFile): void {
    file.close();
    if (file.gone) this.#remove(file);
  }

  /** Leaves these entries in the state. */
  keep(positions: readonly FilePosition[]): void {
    this.#kept = positions;
  }

  /** The entries of the state, as JSON text. Files of which nothing has been shipped have none. */
  entries(): string[] {
    const unopened = [...this.#kept, ...this.#recorded.values()].map((position) => JSON.stringify(position));
    return [...unopened, ...this.#files.filter((file) => file.offset > 0).map((file) => file.entry())];
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #adopt(found: FoundFile): TrackedFile | null {
    const file = new TrackedFile(found, this.#options.maxLineBytes);
    if (!this.open(file)) return null;
    this.#files.push(file);
    this.#restore(file);
    // Whatever has been read to its end need not be held open, unless it is still being written.
    if (!file.live && file.offset === file.size) {
      file.readTo = file.size;
      file.close();
    }
    return file;
  }

  #restore(file: TrackedFile): void {
    const fits = file.restore(this.#recorded.get(file.key));
    this.#recorded.delete(file.key);
    if (!fits) this.#options.notices.replaced(file, null);
  }

  #open(file: TrackedFile): boolean {
    try {
      return file.open();
    } catch (error) {
      this.#once(file.path, () => this.#options.notices.unreadable(file.path, error));
      return false;
    }
  }

  #stateBytes(): number {
    return this.entries().reduce((bytes, entry) => bytes + Buffer.byteLength(entry) + 1, 0);
  }

  #warnWhenCrowded(): void {
    const crowded = this.#stateBytes() > CROWDED * this.#options.stateBytes;
    if (crowded && !this.#wasCrowded) this.#options.notices.crowded(this.#files.length);
    this.#wasCrowded = crowded;
    if (!crowded) return;
    const waiting = this.#files.filter((file) => file.size > 0 && !this.hasRoomFor(file)).length;
    if (waiting > 0) this.#options.notices.full(waiting);
  }

  #keepsAlthoughGone(file: TrackedFile): boolean {
    file.gone = true;
    if (file.isOpen) return true;
    if (file.size > file.offset) this.#options.notices.lost(file, { from: file.offset, to: file.size });
    return false;
  }

  #makeRoom(wanted: TrackedFile): void {
    const open = this.#files.filter((file) => file.isOpen && file !== wanted);
    if (open.length < this.#options.maxOpenFiles) return;
    const idle = open.filter((file) => !file.live && !file.gone);
    // One that has been read to its end before one that has not; of those the one quiet for longest.
    idle.sort(
      (a, b) => Number(b.offset === b.size) - Number(a.offset === a.size) || a.changedAt - b.changedAt,
    );
    idle[0]?.close();
  }

  #remove(file: TrackedFile): void {
    file.close();
    this.#files = this.#files.filter((other) => other !== file);
  }

  /** At most one notice a name; forgets all when there were very many. */
  #once(name: string, notice: () => void): void {
    if (this.#complainedOf.has(name)) return;
    if (this.#complainedOf.size >= 1_000) this.#complainedOf.clear();
    this.#complainedOf.add(name);
    notice();
  }
}

function keyOf(position: FilePosition): string {
  return `${position.device}:${position.inode}`;
}

function update(file: TrackedFile, found: FoundFile): void {
  file.path = found.path;
  file.live = found.live;
  file.gone = false;
  if (file.version === found.version && file.size === found.size) return;
  file.version = found.version;
  if (file.isOpen) return;
  // It may even be another file with the same inode: it is opened, compared and read again.
  file.readTo = -1;
  file.size = found.size;
  file.changedAt = performance.now();
}
