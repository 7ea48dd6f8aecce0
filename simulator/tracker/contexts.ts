import type { Encoding } from './encoding.ts';

/** A self-describing event or a context entity. */
export interface SelfDescribing {
  readonly schema: string;
  readonly data: object;
}

const CONTEXTS_HEAD = '{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[';
const UNSTRUCT_HEAD =
  '{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":';

/** What the browser tells about itself; `undefined` is left out, as where a browser lacks the property. */
export interface BrowserContext {
  viewport: string;
  documentSize: string;
  resolution: string;
  colorDepth: number;
  devicePixelRatio: number;
  cookiesEnabled: boolean;
  online: boolean;
  browserLanguage: string;
  documentLanguage: string;
  webdriver: boolean;
  deviceMemory?: number | undefined;
  hardwareConcurrency: number;
  tabId: string | null;
}

export interface ClientSession {
  userId: string;
  sessionId: string;
  eventIndex: number;
  sessionIndex: number;
  previousSessionId: string | null;
  storageMechanism: 'COOKIE_1' | 'LOCAL_STORAGE';
  firstEventId: string | null;
  firstEventTimestamp: string | null;
}

export function webPage(id: string): SelfDescribing {
  return { schema: 'iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0', data: { id } };
}

export function browserContext(data: BrowserContext): SelfDescribing {
  return { schema: 'iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0', data };
}

export function navigationTiming(data: object): SelfDescribing {
  return { schema: 'iglu:org.w3/PerformanceNavigationTiming/jsonschema/1-0-0', data };
}

export function clientHints(data: object): SelfDescribing {
  return { schema: 'iglu:org.ietf/http_client_hints/jsonschema/1-0-0', data };
}

export function clientSession(data: ClientSession): SelfDescribing {
  return { schema: 'iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2', data };
}

/** The entities that stay the same while a page is open, as JSON and as it is written on the wire. */
export class PageEntities {
  readonly json: string;
  /** Percent-encoded or escaped; base64 has no use for it, as it does not go by single characters. */
  readonly encoded: string;

  constructor(encoding: Encoding, base64: boolean, entities: readonly SelfDescribing[]) {
    this.json = entities.map((entity) => JSON.stringify(entity)).join(',');
    this.encoded = base64 ? '' : encoding.part(this.json);
  }
}

/**
 * The parameter with the contexts (`co`, or `cx` in base64), in the tracker's order: the event's own, those of the
 * page, then the session.
 */
export function encodeContexts(
  encoding: Encoding,
  base64: boolean,
  own: readonly SelfDescribing[],
  page: PageEntities,
  session: SelfDescribing | null,
): string {
  let head = CONTEXTS_HEAD;
  for (const entity of own) head += `${JSON.stringify(entity)},`;
  const tail = session === null ? ']}' : `,${JSON.stringify(session)}]}`;
  if (base64) return encoding.pair('cx', base64url(head + page.json + tail));
  return encoding.open('co') + encoding.part(head) + page.encoded + encoding.part(tail) + encoding.close;
}

/** The parameter with the self-describing event: `ue_pr`, or `ue_px` in base64. */
export function encodeSelfDescribing(encoding: Encoding, base64: boolean, event: SelfDescribing): string {
  const json = `${UNSTRUCT_HEAD}${JSON.stringify(event)}}`;
  return base64 ? encoding.pair('ue_px', base64url(json)) : encoding.pair('ue_pr', json);
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
