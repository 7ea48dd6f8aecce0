import { VERSION } from '../../contracts/version.ts';
import type { EnrichmentSettings } from '../settings.ts';
import { cleanText, firstOfList, formatInstant, isRepresentable } from '../transforms.ts';
import type { Enrichment } from '../types.ts';

const ANONYMOUS = '00000000-0000-0000-0000-000000000000';

/** What the request itself says: time, address, user agent, network user id. Parameters can override it. */
export function requestFields(settings: EnrichmentSettings): Enrichment {
  const cookiePrefix = `${settings.cookieName}=`;
  return ({ line, event, receivedAt }) => {
    event.v_etl = `clickproof-enrich-${VERSION}`;
    event.v_collector = cleanText(settings.collectorName);
    event.etl_tstamp = formatInstant(isRepresentable(receivedAt) ? receivedAt : 0);
    event.useragent = cleanText(line.user_agent ?? '');
    if (line.sp_anonymous) {
      event.network_userid = ANONYMOUS;
    } else {
      event.user_ipaddress = firstOfList(line.x_forwarded_for ?? '') ?? firstOfList(line.remote_addr);
      event.network_userid = cleanText(line.network_userid || cookieValue(line.cookies ?? '', cookiePrefix));
    }
    // Adding a half before cutting off undoes what the binary fraction of `1700000001.001` loses.
    const collected = Math.floor(Number(line.msec || 'none') * 1000 + 0.5);
    if (!isRepresentable(collected)) {
      return [
        {
          code: 'invalid_timestamp',
          field: 'collector_tstamp',
          message: 'msec is no time of the years 0 to 9999',
        },
      ];
    }
    event.collector_tstamp = formatInstant(collected);
    return undefined;
  };
}

function cookieValue(cookies: string, prefix: string): string {
  if (!cookies.includes(prefix)) return '';
  for (const cookie of cookies.split(';')) {
    const pair = cookie.trim();
    if (pair.startsWith(prefix)) return pair.slice(prefix.length);
  }
  return '';
}
