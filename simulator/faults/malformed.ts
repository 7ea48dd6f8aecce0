import type { Random } from '../random/random.ts';
import { POST_PATH } from '../tracker/encoding.ts';

/** A request's path and body, with what is wrong in it. */
export interface Damaged {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  readonly body: string | Buffer | null;
  /** Events in it, as far as they can be counted. */
  readonly events: number;
  /** True where good events stand beside the bad one. */
  readonly partly: boolean;
}

/** What a damaged request is made of. Ids are fresh, so that it cannot be taken for a repeat. */
export interface Material {
  readonly mark: string;
  readonly appId: string;
  readonly origin: string;
  /** Unix time, ms. */
  readonly at: number;
  readonly id: () => string;
}

type Parameters = Record<string, string>;

function pageView({ mark, appId, origin, at, id }: Material): Parameters {
  return {
    e: 'pv',
    url: `${origin}/`,
    page: 'Kleiner Laden – Schönes für zu Hause',
    eid: id(),
    tv: 'js-4.6.8',
    tna: mark,
    aid: appId,
    p: 'web',
    cookie: '1',
    cs: 'UTF-8',
    lang: 'de-DE',
    res: '1920x1080',
    cd: '24',
    tz: 'Europe/Berlin',
    dtm: String(at - 3),
    vp: '1920x933',
    ds: '1920x4200',
    vid: '1',
    sid: id(),
    duid: id(),
  };
}

function get(parameters: Parameters, at: number): Damaged {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { method: 'GET', target: `/i?stm=${at}&${pairs.join('&')}`, body: null, events: 1, partly: false };
}

const PAYLOAD_DATA = 'iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4';

function post(events: readonly Parameters[], at: number, schema = PAYLOAD_DATA): Damaged {
  const data = events.map((event) => ({ ...event, stm: String(at) }));
  const body = JSON.stringify({ schema, data });
  return { method: 'POST', target: POST_PATH, body, events: events.length, partly: false };
}

/** One kind of damage each. */
export const MALFORMATIONS: Readonly<Record<string, (material: Material) => Damaged>> = {
  unknown_event_type: (material) => get({ ...pageView(material), e: 'zz' }, material.at),
  event_id_no_uuid: (material) =>
    get({ ...pageView(material), eid: `not-a-uuid-${material.id()}` }, material.at),
  visit_no_number: (material) => get({ ...pageView(material), vid: 'drei' }, material.at),
  time_no_number: (material) => get({ ...pageView(material), dtm: 'gestern' }, material.at),
  resolution_no_size: (material) => get({ ...pageView(material), res: '1920 mal 1080' }, material.at),
  contexts_no_base64: (material) => get({ ...pageView(material), cx: '***kein base64***' }, material.at),
  contexts_no_json: (material) =>
    post([{ ...pageView(material), co: '{"schema":"iglu:com.sn' }], material.at),
  value_no_number: (material) => {
    const { page: _page, ...common } = pageView(material);
    return post([{ ...common, e: 'se', se_ca: 'a', se_ac: 'b', se_va: 'viel' }], material.at);
  },
  body_no_json: (material) => {
    const whole = post([pageView(material)], material.at);
    const body = whole.body as string;
    return { ...whole, body: body.slice(0, body.length - 9), events: 0 };
  },
  payload_of_other_schema: (material) => ({
    ...post([pageView(material)], material.at, 'iglu:com.acme/something_else/jsonschema/1-0-0'),
    events: 0,
  }),
  one_bad_of_three: (material) => {
    const events = [pageView(material), { ...pageView(material), e: 'zz' }, pageView(material)];
    return { ...post(events, material.at), partly: true };
  },
};

const KINDS = Object.keys(MALFORMATIONS);

export function malformed(random: Random, material: Material): Damaged {
  return MALFORMATIONS[random.pick(KINDS)]!(material);
}

/** Bytes that are no UTF-8, in every place where text is: the events are good all the same. */
export function invalidUtf8(random: Random, material: Material): Damaged {
  const { page: _page, ...good } = pageView(material);
  const kind = random.below(3);
  if (kind < 2) {
    const request = get(good, material.at);
    // Escaped, and one character a byte, which goes over the wire as it is.
    const title = kind === 0 ? 'caf%E9%20%C3%28' : 'caf\xe9\xff';
    return { ...request, target: `${request.target}&page=${title}` };
  }
  const request = post([{ ...good, page: 'caf@@' }], material.at);
  const body = Buffer.from(request.body as string);
  const at = body.indexOf('@@');
  body[at] = 0xe9;
  body[at + 1] = 0x28;
  return { ...request, body };
}

/** Larger than any collector takes (URI beyond 32,768 characters, body beyond 1 MiB). */
export function oversized(random: Random, material: Material): Damaged {
  const good = pageView(material);
  if (random.chance(0.6)) return get({ ...good, page: 'ü'.repeat(5_600) }, material.at);
  return post([{ ...good, page: 'x'.repeat(1_048_576) }], material.at);
}
