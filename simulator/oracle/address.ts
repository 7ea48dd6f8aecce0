import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^(::ffff:)(\d+\.\d+\.\d+\.\d+)$/i;

/** An address with its last octets or segments made `x`. Undefined for what is no address: nothing is said of that. */
export function anonymise(address: string, octets: number, segments: number): string | undefined {
  if (isIPv4(address)) return maskOctets(address, octets);
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const mapped = MAPPED.exec(address);
  if (mapped) return mapped[1] + maskOctets(mapped[2]!, octets);
  if (address.includes('.')) return undefined;
  return expand(address)
    .map((segment, i) => (i >= 8 - segments ? 'x' : segment))
    .join(':');
}

function maskOctets(address: string, octets: number): string {
  if (octets === 1) return `${address.slice(0, address.lastIndexOf('.'))}.x`;
  return address
    .split('.')
    .map((octet, i) => (i >= 4 - octets ? 'x' : octet))
    .join('.');
}

/** The eight segments of an IPv6 address, lower case, without leading zeros. */
function expand(address: string): string[] {
  const [head = '', tail] = address.split('::') as [string, string?];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(gap).fill('0'), ...right].map((segment) =>
    Number.parseInt(segment, 16).toString(16),
  );
}
