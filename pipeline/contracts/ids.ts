import { createHash } from 'node:crypto';

/** Namespace of every id that clickproof derives: UUIDv5 of the URL namespace and the project's name. */
const NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/**
 * UUIDv5 (RFC 9562, 5.5) of the given parts. Ids are derived, never random, so that a replay makes the same one.
 * Parts are joined by NUL, which occurs in none of them.
 */
export function deriveId(...parts: (string | number)[]): string {
  const hash = createHash('sha1').update(NAMESPACE).update(parts.join('\0')).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of an event whose tracker sent none: the same request and place in it give the same id. */
export function missingEventId(requestId: string, index: number): string {
  return deriveId('event', requestId, index);
}

/** The new id of an event that carries the id of a different event of the same visitor. */
export function collidingEventId(eventId: string, fingerprint: string): string {
  return deriveId('collision', eventId, fingerprint);
}

/**
 * The second name of an event, for a store that has one place an id: where several events of different visitors, or of one visitor beyond
 * the windows of the profile stage, carry one id, all but one of them are stored under this. The one that keeps the id
 * is the one whose second name is smallest: so every store comes to the same names, in whatever order it gets the events.
 */
export function secondEventId(eventId: string, visitor: string, fingerprint: string): string {
  return deriveId('document', eventId, visitor, fingerprint);
}
