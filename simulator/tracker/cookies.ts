import { createHash } from 'node:crypto';

/** What the tracker keeps in its `_sp_id` cookie. Times are Unix seconds, but for the first event's. */
export interface IdCookie {
  readonly domainUserId: string;
  readonly createdAt: number;
  readonly visits: number;
  readonly now: number;
  /** Undefined at the first visit. */
  readonly lastVisit: number | undefined;
  readonly sessionId: string;
  readonly previousSessionId: string | null;
  readonly firstEventId: string;
  /** Unix time, ms. */
  readonly firstEventAt: number;
  readonly eventIndex: number;
}

/** The names end in the first four hex digits of SHA-1 of host and path, so that trackers of two sites keep apart. */
export function cookieSuffix(host: string): string {
  return createHash('sha1').update(`${host}/`).digest('hex').slice(0, 4);
}

/** The tracker's cookies as the browser sends them along. */
export function trackerCookies(suffix: string, id: IdCookie): string {
  return (
    `_sp_ses.${suffix}=*; _sp_id.${suffix}=${id.domainUserId}.${id.createdAt}.${id.visits}.${id.now}.` +
    `${id.lastVisit ?? ''}.${id.sessionId}.${id.previousSessionId ?? ''}.${id.firstEventId}.${id.firstEventAt}.${id.eventIndex}`
  );
}
