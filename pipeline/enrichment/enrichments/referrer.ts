import { firstValue, parseQueryString } from '../query-string.ts';
import { findReferrer } from '../referrers/find.ts';
import type { EnrichmentSettings } from '../settings.ts';
import { cleanText } from '../transforms.ts';
import type { Enrichment } from '../types.ts';

/** What kind of site the visitor came from, which one, and what was searched for there. */
export function referrer({ internalDomains }: EnrichmentSettings): Enrichment {
  const internal = new Set(internalDomains);
  return ({ event, pageUrl, referrerUrl }) => {
    if (!referrerUrl?.host || (referrerUrl.scheme !== 'http' && referrerUrl.scheme !== 'https'))
      return undefined;
    if (referrerUrl.host === pageUrl?.host || internal.has(referrerUrl.host)) {
      event.refr_medium = 'internal';
      return undefined;
    }
    const found = findReferrer(referrerUrl.host.toLowerCase(), referrerUrl.path ?? '');
    event.refr_medium = found?.medium ?? 'unknown';
    event.refr_source = found?.source;
    if (found?.parameters && referrerUrl.query) {
      const pairs = parseQueryString(referrerUrl.query) ?? [];
      for (const name of found.parameters) {
        const term = firstValue(pairs, name);
        if (term === undefined) continue;
        event.refr_term = cleanText(term);
        break;
      }
    }
    return undefined;
  };
}
