import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SelfDescribing } from './contexts.ts';
import { cookieSuffix, trackerCookies } from './cookies.ts';
import { getTarget, JSON_BODY, postBody, QUERY } from './encoding.ts';
import type { TrackedEvent } from './events.ts';
import { trackerHeaders } from './headers.ts';
import { EncodedPage, EncodedTracker, encodeEvent, type Moment } from './payload.ts';

interface Recorded {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string;
}

const recorded = readFileSync(new URL('./fixtures/tracker-requests.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

type Parameters = Record<string, string>;

function readJson(parameters: Parameters, plain: string, base64: string) {
  const text = parameters[plain] ?? Buffer.from(parameters[base64]!, 'base64url').toString();
  return JSON.parse(text).data;
}

/** The meaning of a recorded event, from which ours is then written anew. */
function meaning(parameters: Parameters): TrackedEvent {
  const contexts = (readJson(parameters, 'co', 'cx') as SelfDescribing[]).filter((entity) =>
    entity.schema.includes('com.acme'),
  );
  switch (parameters.e) {
    case 'pv':
      return { type: 'page_view', contexts };
    case 'pp':
      return { type: 'page_ping', minX: 0, maxX: 0, minY: 0, maxY: Number(parameters.pp_may), contexts };
    case 'se':
      return {
        type: 'struct',
        category: parameters.se_ca!,
        action: parameters.se_ac!,
        label: parameters.se_la!,
        property: parameters.se_pr!,
        value: Number(parameters.se_va),
        contexts,
      };
    default:
      return { type: 'self_describing', event: readJson(parameters, 'ue_pr', 'ue_px'), contexts };
  }
}

function rewrite(method: 'GET' | 'POST', parameters: Parameters): string {
  const entities = readJson(parameters, 'co', 'cx') as { schema: string; data: Record<string, unknown> }[];
  const session = entities.at(-1)!.data;
  const tracker = new EncodedTracker({
    encoding: method === 'GET' ? QUERY : JSON_BODY,
    base64: 'cx' in parameters,
    namespace: parameters.tna!,
    appId: parameters.aid!,
    cookiesEnabled: parameters.cookie === '1',
    language: parameters.lang!,
    resolution: parameters.res!,
    colorDepth: Number(parameters.cd),
    timeZone: parameters.tz!,
  });
  const page = new EncodedPage(
    tracker,
    {
      url: parameters.url!,
      title: parameters.page ?? '',
      referrer: parameters.refr!,
      viewport: parameters.vp!,
      documentSize: parameters.ds!,
    },
    entities
      .slice(0, -1)
      .filter((entity) => !entity.schema.includes('com.acme'))
      .map((entity) => JSON.stringify(entity))
      .join(','),
  );
  const moment: Moment = {
    eventId: parameters.eid!,
    at: Number(parameters.dtm),
    domainUserId: parameters.duid!,
    userId: parameters.uid!,
    first: session.eventIndex === 1,
    session: {
      id: parameters.sid!,
      index: Number(parameters.vid),
      eventIndex: session.eventIndex as number,
      previousId: session.previousSessionId as null,
      firstEventId: session.firstEventId as string,
      firstEventTimestamp: session.firstEventTimestamp as string,
    },
  };
  return encodeEvent(tracker, page, meaning(parameters), moment);
}

describe('the payloads of the real tracker', () => {
  it('has requests of both methods, with and without base64', () => {
    const kinds = recorded.map(
      ({ method, url, body }) => `${method} ${/[&"](cx|co)["=]/.exec(url + body)?.[1]}`,
    );
    expect(new Set(kinds)).toEqual(new Set(['GET co', 'GET cx', 'POST co', 'POST cx']));
    expect(recorded).toHaveLength(24);
  });

  it.each(recorded.map((request, number) => ({ number, request })))(
    'writes recorded request $number byte for byte',
    ({ request }) => {
      if (request.method === 'GET') {
        const parameters = Object.fromEntries(new URL(request.url, 'http://x').searchParams);
        expect(getTarget(rewrite('GET', parameters), Number(parameters.stm))).toBe(request.url);
        return;
      }
      const events = JSON.parse(request.body).data as Parameters[];
      const written = events.map((parameters) => rewrite('POST', parameters));
      expect(postBody(written, Number(events[0]!.stm))).toBe(request.body);
    },
  );

  it.each(recorded.map((request, number) => ({ number, request })))(
    'sends the headers of recorded request $number in order',
    ({ request }) => {
      const { host, connection, 'content-length': _length, ...rest } = request.headers;
      const headers = trackerHeaders(
        {
          engine: 'chromium',
          userAgent: rest['user-agent']!,
          acceptLanguage: rest['accept-language']!,
          hints: { brands: rest['sec-ch-ua']!, mobile: false, platform: 'Linux' },
        },
        {
          method: request.method,
          page: rest.referer!,
          origin: `http://${host}`,
          cookie: rest.cookie!,
          anonymous: false,
        },
      );
      expect(connection).toBe('keep-alive');
      expect(headers.map(([name, value]) => [name.toLowerCase(), value])).toEqual(Object.entries(rest));
    },
  );

  it('keeps its state in cookies as the real tracker does', () => {
    const sent = recorded[2]!.headers.cookie!;
    const [duid, created, visits, now, , sid, , firstEvent, firstAt, index] = sent
      .split('=')
      .at(-1)!
      .split('.');
    const cookies = trackerCookies(cookieSuffix('127.0.0.1'), {
      domainUserId: duid!,
      createdAt: Number(created),
      visits: Number(visits),
      now: Number(now),
      lastVisit: undefined,
      sessionId: sid!,
      previousSessionId: null,
      firstEventId: firstEvent!,
      firstEventAt: Number(firstAt),
      eventIndex: Number(index),
    });
    expect(cookies).toBe(sent);
  });
});
