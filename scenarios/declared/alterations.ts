import type { Line, Texts } from './lines.ts';
import type { DeclaredReader } from './reader.ts';

/** A record that shows other values than any sending of its event. */
export interface Altered {
  readonly hop: number;
  readonly key: string;
  readonly where: string;
  readonly fields: readonly { readonly name: string; readonly expected: unknown; readonly seen: unknown }[];
}

/**
 * Finds the records whose fields are not as sent. Of what was sent a field that it does not state is not compared. A wrong value that the
 * hop before showed already is that hop's.
 *
 * @param lines all of their keys
 */
export function* alterations(
  lines: readonly Line[],
  readers: readonly Pick<DeclaredReader, 'fields'>[],
): Generator<Altered> {
  const keys = new Map<string, { sent: Texts[]; seen: Extract<Line, { hop: number }>[] }>();
  for (const line of lines) {
    let entry = keys.get(line.key);
    if (entry === undefined) {
      entry = { sent: [], seen: [] };
      keys.set(line.key, entry);
    }
    if ('answer' in line) entry.sent.push(line.fields);
    else entry.seen.push(line);
  }
  for (const [key, { sent, seen }] of keys) {
    if (sent.length === 0) continue;
    const known = new Set<string>();
    for (const { hop, where, fields } of seen.sort((a, b) => a.hop - b.hop)) {
      const wrong = nearest(sent, fields, readers[hop]!.fields);
      const own = wrong.filter(({ name, seen: value }) => !known.has(`${name}=${value}`));
      for (const { name, seen: value } of wrong) known.add(`${name}=${value}`);
      if (own.length > 0) yield { hop, key, where, fields: own };
    }
  }
}

/** How a record differs from the sending that it is most like. */
function nearest(sent: readonly Texts[], seen: Texts, names: readonly string[]) {
  let least: { name: string; expected: unknown; seen: unknown }[] | undefined;
  for (const stated of sent) {
    const wrong = names
      .filter((name) => stated[name] !== undefined && stated[name] !== seen[name])
      .map((name) => ({ name, expected: stated[name], seen: seen[name] ?? null }));
    if (least === undefined || wrong.length < least.length) least = wrong;
  }
  return least ?? [];
}
