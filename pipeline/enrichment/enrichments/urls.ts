import { ATOMIC_LENGTHS } from '../atomic-lengths.ts';
import { cleanText } from '../transforms.ts';
import type { Draft, Enrichment } from '../types.ts';
import { type SplitUrl, splitUrl } from '../url.ts';

/** The page's URL (from the tracker, else the Referer header), re-encoded where it is none, and its parts. */
export const pageUrl: Enrichment = (draft) => {
  const text = draft.event.page_url ?? cleanText(draft.line.referer ?? '');
  if (text === undefined) return undefined;
  draft.event.page_url = text;
  if (isTooLong(text)) return undefined;
  draft.pageUrl = splitUrl(String(text));
  if (!draft.pageUrl) return [{ code: 'invalid_uri', field: 'page_url', message: 'cannot be read as a URI' }];
  draft.event.page_url = draft.pageUrl.text;
  setParts(draft, 'page', draft.pageUrl);
  return undefined;
};

/** The referrer's parts; the referrer itself stays as it was sent. */
export const referrerUrl: Enrichment = (draft) => {
  const text = draft.event.page_referrer;
  if (text === undefined || isTooLong(text)) return undefined;
  draft.referrerUrl = splitUrl(String(text));
  if (!draft.referrerUrl) {
    return [{ code: 'invalid_uri', field: 'page_referrer', message: 'cannot be read as a URI' }];
  }
  setParts(draft, 'refr', draft.referrerUrl);
  return undefined;
};

/** The check of lengths will refuse it; taking a megabyte apart would be for nothing. */
function isTooLong(text: unknown): boolean {
  return String(text).length > ATOMIC_LENGTHS.get('page_url')!;
}

function setParts({ event }: Draft, prefix: 'page' | 'refr', url: SplitUrl): void {
  event[`${prefix}_urlscheme`] = url.scheme ?? undefined;
  event[`${prefix}_urlhost`] = url.host ?? undefined;
  event[`${prefix}_urlport`] = url.port;
  event[`${prefix}_urlpath`] = url.path ?? undefined;
  event[`${prefix}_urlquery`] = url.query ?? undefined;
  event[`${prefix}_urlfragment`] = url.fragment ?? undefined;
}
