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

/** The entities that stay the same while a page is open, as JSON and as it is written on the wire. */
export class PageEntities {
  readonly json: string;
  /** The parameter's value up to the end of these entities: escaped, or in base64 as far as whole groups of 3 bytes go. */
  readonly encoded: string;
  /** In base64: the one or two bytes that are left over, as latin1. */
  readonly rest: string;

  /** `json`: one or more entities, with commas between them. */
  constructor(encoding: Encoding, base64: boolean, json: string) {
    this.json = json;
    const text = CONTEXTS_HEAD + json;
    if (!base64) {
      this.encoded = encoding.part(text);
      this.rest = '';
      return;
    }
    const bytes = Buffer.from(text);
    const whole = bytes.length - (bytes.length % 3);
    this.encoded = bytes.toString('base64url', 0, whole);
    this.rest = bytes.toString('latin1', whole);
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
  session: ClientSession | null,
): string {
  const tail = session === null ? ']}' : `,${sessionJson(session)}]}`;
  if (own.length > 0) {
    const json = `${CONTEXTS_HEAD}${own.map((entity) => JSON.stringify(entity)).join(',')},${page.json}${tail}`;
    return base64 ? encoding.plain('cx', base64url(json)) : encoding.pair('co', json);
  }
  if (!base64) return encoding.open('co') + page.encoded + encoding.part(tail) + encoding.close;
  // The session is all ASCII, so its characters are its bytes.
  const end = Buffer.from(page.rest + tail, 'latin1').toString('base64url');
  return encoding.plain('cx', page.encoded + end);
}

/** Written out, as it is in every event: nothing in it needs escaping. */
function sessionJson(session: ClientSession): string {
  const { userId, sessionId, eventIndex, sessionIndex, previousSessionId, storageMechanism } = session;
  const { firstEventId, firstEventTimestamp } = session;
  return (
    `{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"${userId}",` +
    `"sessionId":"${sessionId}","eventIndex":${eventIndex},"sessionIndex":${sessionIndex},` +
    `"previousSessionId":${quoted(previousSessionId)},"storageMechanism":"${storageMechanism}",` +
    `"firstEventId":${quoted(firstEventId)},"firstEventTimestamp":${quoted(firstEventTimestamp)}}}`
  );
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`;
}

/** The parameter with the self-describing event: `ue_pr`, or `ue_px` in base64. */
export function encodeSelfDescribing(encoding: Encoding, base64: boolean, event: SelfDescribing): string {
  const json = `${UNSTRUCT_HEAD}${JSON.stringify(event)}}`;
  return base64 ? encoding.plain('ue_px', base64url(json)) : encoding.pair('ue_pr', json);
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
