import { open } from 'node:fs/promises';
import { AccessLines } from './access-lines.ts';
import { recordedGets } from './recording.ts';

/** An access log, alone in its folder. */
export interface AccessFile {
  readonly folder: string;
  readonly file: string;
  readonly lines: number;
  readonly lineBytes: number;
}

const LINES_AT_ONCE = 1_000;

/** Writes an access log. @param lineBytes cuts the query, so that lines become so long; as they are unless given */
export async function writeAccessLog(path: string, count: number, lineBytes?: number): Promise<void> {
  const lines = new AccessLines(await recordedGets());
  await using file = await open(path, 'w');
  for (let left = count; left > 0; left -= LINES_AT_ONCE) {
    const some = lines.take(Math.min(LINES_AT_ONCE, left));
    const written = lineBytes === undefined ? some : some.map((line) => shortened(line, lineBytes));
    await file.write(`${written.join('\n')}\n`);
  }
}

/** Keeps the line an access-log line: only the query becomes shorter. */
function shortened(line: string, bytes: number): string {
  const fields = JSON.parse(line) as Record<string, string>;
  const query = fields.query_string!;
  const rest = line.length - query.length;
  return JSON.stringify({ ...fields, query_string: query.slice(0, Math.max(0, bytes - rest)) });
}
