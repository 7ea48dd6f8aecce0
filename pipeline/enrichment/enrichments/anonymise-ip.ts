import type { EnrichmentSettings } from '../settings.ts';
import type { Enrichment } from '../types.ts';

/** Replaces the end of the visitor's address. Runs after everything that needs the whole address. */
export function anonymiseIp({ anonymisedOctets, anonymisedSegments }: EnrichmentSettings): Enrichment {
  return ({ event }) => {
    if (typeof event.user_ipaddress === 'string') {
      event.user_ipaddress = anonymiseAddress(event.user_ipaddress, anonymisedOctets, anonymisedSegments);
    }
    return undefined;
  };
}

/**
 * The address with its last octets (IPv4, and IPv4 mapped into IPv6) or segments (IPv6, written out) replaced by `x`.
 * Invalid addresses are treated by the same positions, so that nothing of them slips through.
 */
export function anonymiseAddress(address: string, octets: number, segments: number): string {
  const mapped = /^::ffff:(?=\d)/i.exec(address)?.[0];
  if (mapped) return mapped + replaceEnd(address.slice(mapped.length), '.', 4, octets);
  if (!address.includes(':')) return replaceEnd(address, '.', 4, octets);
  return replaceEnd(writeOut(address), ':', 8, segments);
}

function replaceEnd(address: string, separator: string, places: number, replaced: number): string {
  return address
    .split(separator)
    .map((part, index) => (index < places - replaced ? part : 'x'))
    .join(separator);
}

/** All eight segments, those of a trailing IPv4 address as hexadecimal, without leading zeros. */
function writeOut(address: string): string {
  const [head = '', tail] = address.split('::', 2);
  const before = segmentsOf(head);
  if (tail === undefined) return before.join(':');
  const after = segmentsOf(tail);
  const zeros = Math.max(0, 8 - before.length - after.length);
  return [...before, ...new Array<string>(zeros).fill('0'), ...after].join(':');
}

function segmentsOf(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((segment) => {
    const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(segment);
    if (octets) {
      const [a, b, c, d] = octets.slice(1).map(Number) as [number, number, number, number];
      return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
    }
    return /^[0-9a-f]{1,4}$/i.test(segment) ? Number.parseInt(segment, 16).toString(16) : segment;
  });
}
