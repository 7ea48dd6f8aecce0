import { hash } from 'node:crypto';

/** Names a text by 8 bytes, as a Latin-1 string: cheap as a Map key, 8 bytes in a Buffer. */
export function digest(text: string): string {
  return hash('sha1', text, 'binary').slice(0, DIGEST_BYTES);
}

export const DIGEST_BYTES = 8;

/** 32 bits of a digest, from its byte `at`. */
export function word(digested: string, at: number): number {
  return (
    (digested.charCodeAt(at) |
      (digested.charCodeAt(at + 1) << 8) |
      (digested.charCodeAt(at + 2) << 16) |
      (digested.charCodeAt(at + 3) << 24)) >>>
    0
  );
}

/** 48 bits of a digest as a number: what sets are ordered and bounded by. */
export function rank(digested: string): number {
  return word(digested, 0) * 65_536 + (word(digested, 4) & 0xffff);
}

/** Ranks are below this. */
export const RANKS = 2 ** 48;
