import type { Flaw } from './explore.ts';
import { flaw } from './part.ts';

/** The input partition: visitor and event id. The third record is the first one again (its sender got no answer). */
export const RECORDS = ['Xa', 'Yb', 'Xa', 'Xc'] as const;
export const VISITORS = ['X', 'Y'] as const;
/** How many events of a visitor are remembered. With one, whatever is folded twice does harm at once. */
export const WINDOW = 1;

/** What is known of each visitor: the ids of the events that have been counted, in order. */
export type Values = readonly [string, string];
export const NOTHING: Values = ['', ''];

/**
 * Folds records into values.
 *
 * @param seen the window of each visitor, where it is kept apart; by default the end of what has been counted
 * @returns the values, and of each event its offset, id, and the visitor's number of events with it: what the message says of the profile
 */
export function fold(
  values: Values,
  from: number,
  to: number,
  seen?: Values,
): { values: Values; seen: Values; out: string[] } {
  const counted: [string, string] = [...values];
  const window: [string, string] = [...(seen ?? values)];
  const out: string[] = [];
  for (let offset = from; offset < to; offset++) {
    const [visitor, id] = [RECORDS[offset]![0], RECORDS[offset]![1]!];
    const v = visitor === 'X' ? 0 : 1;
    if (window[v].slice(-WINDOW).includes(id)) continue;
    counted[v] += id;
    window[v] += id;
    out.push(`${offset}${id}${counted[v].length}`);
  }
  return { values: counted, seen: window, out };
}

/** What the records below an offset come to. */
export const reference = Array.from({ length: RECORDS.length + 1 }, (_, to) => fold(NOTHING, 0, to));

/** Outputs beside the offset that stands for them: each event below it once, in order, with the right profile. */
export function judgeOutputs(out: readonly string[], offset: number): Flaw | undefined {
  const ids = out.map((one) => one[1]!);
  const repeated = ids.find((id, i) => ids.indexOf(id) < i);
  if (repeated !== undefined) return flaw('repeated', `event ${repeated} was written twice`);
  const expected = reference.at(-1)!.out;
  for (const [i, one] of out.entries()) {
    if (i > 0 && one[0]! < out[i - 1]![0]!)
      return flaw('reordered', `${one[1]} was written after ${ids[i - 1]}`);
    if (!expected.includes(one)) {
      return flaw('profile wrong', `event ${one[1]} says that it is its visitor's number ${one[2]}`);
    }
  }
  const lost = reference[offset]!.out.find((one) => !out.includes(one));
  if (lost === undefined) return undefined;
  return flaw('lost', `the group is at offset ${offset}, and event ${lost[1]} was not written`);
}

/** Values beside the mark that stands for them. */
export function judgeValues(values: Values, mark: number): Flaw | undefined {
  const right = reference[mark]!.values;
  const v = values.findIndex((value, i) => value !== right[i]);
  if (v < 0) return undefined;
  return flaw(
    'profile wrong',
    `visitor ${VISITORS[v]} has the events "${values[v]}", it should be "${right[v]}"`,
  );
}
