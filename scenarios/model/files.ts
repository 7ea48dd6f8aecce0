import type { Step } from './explore.ts';
import { possible, used } from './part.ts';

/** A file of the access log, as the directory shows it. */
export interface LogFile {
  readonly inode: number;
  /** Which content it is: an inode is used again after a deletion, and a truncated file begins anew. */
  readonly content: number;
  readonly lines: number;
  readonly rotated: boolean;
}

/** The access log and whoever writes it. */
export interface Writing {
  /** Oldest first; the last one is written to. */
  readonly files: readonly LogFile[];
  readonly contents: number;
  readonly left: {
    readonly lines: number;
    /** Lines that are still written to a file after its rotation, by those who have it open. */
    readonly lateLines: number;
    readonly rotations: number;
    readonly deletions: number;
    readonly truncations: number;
  };
}

export const FIRST_FILE: LogFile = { inode: 1, content: 0, lines: 0, rotated: false };

/** A line's name: its content and place in it. */
export const lineName = (content: number, line: number): string => `${content}.${line}`;

/** All that can be done to the access log. None of it has to happen. */
export function writing<S extends Writing>(state: S): Step<S>[] {
  const { files, contents, left } = state;
  const change = (
    what: string,
    fault: keyof S['left'] & string,
    next: Partial<Writing>,
  ): Step<S> | undefined => {
    const now = used(left as S['left'] & Readonly<Record<string, number>>, fault);
    return now && { what, fault: true, next: { ...state, ...next, left: now } };
  };
  return files.flatMap((file, i) => {
    const { inode, content, lines, rotated } = file;
    const line = { files: files.with(i, { ...file, lines: lines + 1 }) };
    const written = `line ${lineName(content, lines)} is written`;
    if (rotated) {
      return possible(
        change(`${written}, to the rotated file`, 'lateLines', line),
        change(`the rotated file with inode ${inode} is deleted`, 'deletions', {
          files: files.toSpliced(i, 1),
        }),
      );
    }
    const fresh = { content: contents + 1, lines: 0, rotated: false };
    const free = [1, 2, 3].find((one) => !files.some((other) => other.inode === one))!;
    return possible(
      change(written, 'lines', line),
      lines > 0 &&
        change(`the log is rotated: a new file, with inode ${free}`, 'rotations', {
          files: [...files.with(i, { ...file, rotated: true }), { ...fresh, inode: free }],
          contents: contents + 1,
        }),
      lines > 0 &&
        change('the file is truncated', 'truncations', {
          files: files.with(i, { ...fresh, inode }),
          contents: contents + 1,
        }),
    );
  });
}
