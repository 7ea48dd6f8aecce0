import { firstValue, parseQueryString } from '../query-string.ts';
import type { EnrichmentSettings } from '../settings.ts';
import { cleanText, formatInstant, parseInstant } from '../transforms.ts';
import type { Enrichment } from '../types.ts';

/** What the page URL's parameters say of the campaign that led there, and of the site the visitor came from. */
export function campaign(settings: EnrichmentSettings): Enrichment {
  const fields = [
    ['mkt_medium', settings.campaignMedium],
    ['mkt_source', settings.campaignSource],
    ['mkt_term', settings.campaignTerm],
    ['mkt_content', settings.campaignContent],
    ['mkt_campaign', settings.campaignName],
  ] as const;
  const clickIds = Object.entries(settings.clickIds);

  return ({ event, pageUrl }) => {
    if (!pageUrl?.query) return undefined;
    const pairs = parseQueryString(pageUrl.query);
    if (!pairs) return undefined;
    for (const [field, names] of fields) {
      for (const name of names) {
        const found = firstValue(pairs, name);
        if (found === undefined) continue;
        event[field] = cleanText(found);
        break;
      }
    }
    for (const [name, network] of clickIds) {
      const found = firstValue(pairs, name);
      if (found === undefined) continue;
      event.mkt_clickid = cleanText(found);
      event.mkt_network = network;
      break;
    }
    return undefined;
  };
}

/** Cross-domain links: `_sp=<domain user id>.<ms since the epoch>` in the page URL. */
export const crossDomain: Enrichment = ({ event, pageUrl }) => {
  if (!pageUrl?.query?.includes('_sp')) return undefined;
  const value = firstValue(parseQueryString(pageUrl.query) ?? [], '_sp');
  if (!value) return undefined;
  const [id, instant] = value.split('.', 2);
  event.refr_domain_userid = cleanText(id!);
  if (!instant) return undefined;
  const parsed = parseInstant(instant);
  if (typeof parsed !== 'number') return [{ ...parsed, field: 'sp_dtm' }];
  event.refr_dvce_tstamp = formatInstant(parsed);
  return undefined;
};
