import { UsageError } from '../usage-error.ts';

/**
 * The origin of a collector's address: the paths are the trackers'.
 *
 * @param name where it was given, to be named in a message
 * @throws UsageError for what has more to it
 */
export function collectorOrigin(url: URL, name: string): string {
  const { pathname, search, origin } = url;
  if (pathname === '/' && search === '') return origin;
  throw new UsageError(
    `${name}: a collector's address has no path, ${pathname}${search} is one too much`,
    `give ${origin}: the paths are the trackers'`,
  );
}
