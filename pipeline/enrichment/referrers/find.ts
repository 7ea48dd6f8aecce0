import { REFERRERS, type Referrer } from './table.ts';

/** By `host`, `host/first segment` and `host/whole path`. */
const BY_PLACE = new Map<string, Referrer>();
for (const referrer of REFERRERS) for (const place of referrer.places) BY_PLACE.set(place, referrer);

/** A host has few labels; more than this is no known site. */
const MOST_LABELS = 12;

/**
 * The known site a referrer belongs to: its path first, then its first path segment, then the host alone; then the
 * same for the domain above it, and so on.
 */
export function findReferrer(host: string, path: string): Referrer | undefined {
  const secondSlash = path.indexOf('/', 1);
  const segment = secondSlash < 0 ? path : path.slice(0, secondSlash);
  let domain = host;
  for (let level = 0; level < MOST_LABELS; level++) {
    const found = BY_PLACE.get(domain + path) ?? BY_PLACE.get(domain + segment) ?? BY_PLACE.get(domain);
    if (found) return found;
    const dot = domain.indexOf('.');
    if (dot < 0) return undefined;
    domain = domain.slice(dot + 1);
  }
  return undefined;
}
