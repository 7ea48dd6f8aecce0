import { DIGEST_BYTES, word } from './digest.ts';

/**
 * The last events of a visitor, by what tells a retry from another event: 16 bytes each, oldest first. It is part of the
 * visitor's value, under the same mark: in a place of its own it would drop events after a crash.
 *
 *     digest of the event id (8) · 32 bits of the fingerprint's digest · record time in seconds (4)
 */
export type VisitorWindow = Buffer;

export const WINDOW_ENTRY_BYTES = DIGEST_BYTES + 8;

export const EMPTY_WINDOW: VisitorWindow = Buffer.alloc(0);

/** `new`: id not seen; `retry`: the same event again; `collision`: another event under the same id. */
export type Verdict = 'new' | 'retry' | 'collision';

/** @param id digest of the event id @param print 32 bits of the fingerprint's digest */
export function judge(window: VisitorWindow, id: string, print: number): Verdict {
  const low = word(id, 0);
  const high = word(id, 4);
  let verdict: Verdict = 'new';
  for (let at = 0; at < window.length; at += WINDOW_ENTRY_BYTES) {
    if (window.readUInt32LE(at) !== low || window.readUInt32LE(at + 4) !== high) continue;
    if (window.readUInt32LE(at + 8) === print) return 'retry';
    verdict = 'collision';
  }
  return verdict;
}

/** The window with one more event; beyond `capacity` the oldest goes, and `evicted` is its time in seconds. */
export function remember(
  window: VisitorWindow,
  entry: { id: string; print: number; seconds: number },
  capacity: number,
): { window: VisitorWindow; evicted: number | undefined } {
  const full = window.length >= capacity * WINDOW_ENTRY_BYTES;
  const kept = full ? window.subarray(WINDOW_ENTRY_BYTES) : window;
  // Memory of its own: a window is held for long, and from the pool it would hold the 64 KiB around it too.
  const next = Buffer.allocUnsafeSlow(kept.length + WINDOW_ENTRY_BYTES);
  kept.copy(next);
  next.write(entry.id, kept.length, 'latin1');
  next.writeUInt32LE(entry.print, kept.length + DIGEST_BYTES);
  next.writeUInt32LE(entry.seconds, kept.length + DIGEST_BYTES + 4);
  return { window: next, evicted: full ? window.readUInt32LE(WINDOW_ENTRY_BYTES - 4) : undefined };
}
