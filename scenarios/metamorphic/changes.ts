import { randomUUID } from 'node:crypto';

/** Lines of an access log, each a byte a character. */
export type Lines = readonly string[];

type Line = Record<string, string>;

interface Payload {
  readonly schema: string;
  readonly data: readonly Record<string, string>[];
}

/** The same lines with those of different record keys in another order; those of one key keep theirs. */
export function shuffled(lines: Lines, random: () => number): string[] {
  const queues = [...Map.groupBy(lines, keyOf).values()].map((queue) => [...queue]);
  const mixed: string[] = [];
  while (queues.length > 0) {
    const at = Math.floor(random() * queues.length);
    mixed.push(queues[at]!.shift()!);
    if (queues[at]!.length === 0) queues.splice(at, 1);
  }
  return mixed;
}

/** Each event of a batch in a request of its own. */
export function split(lines: Lines): string[] {
  return lines.flatMap((text) => {
    const payload = payloadOf(text);
    if (payload === undefined || payload.data.length < 2) return [text];
    return payload.data.map((event) => withEvents(text, { ...payload, data: [event] }));
  });
}

/** Batches that came one after the other under one key with the same headers: in one request, at the time of the first. */
export function merged(lines: Lines): string[] {
  return pairs(lines).map(([first, second]) => {
    if (second === undefined) return first;
    const [one, two] = [payloadOf(first)!, payloadOf(second)!];
    return withEvents(first, { ...one, data: [...one.data, ...two.data] });
  });
}

/** What `merged` leaves but for the requests: the second of each pair comes at the time of the first, and from whom that came. */
export function aligned(lines: Lines): string[] {
  return pairs(lines).flatMap(([first, second]) => {
    if (second === undefined) return [first];
    const { msec, time, network_userid, cookies } = JSON.parse(first) as Line;
    return [first, JSON.stringify({ ...(JSON.parse(second) as Line), msec, time, network_userid, cookies })];
  });
}

/** The collector's and the visitors' clocks ahead by so many ms. */
export function later(lines: Lines, ms: number): string[] {
  return lines.map((text) => {
    const line = JSON.parse(text) as Line;
    const at = Math.round(Number(line.msec) * 1000) + ms;
    const payload = payloadOf(text);
    const query = line.query_string!.replaceAll(
      /(^|&)(dtm|stm|ttm)=(\d+)(?=&|$)/g,
      (_, before: string, name: string, value: string) => `${before}${name}=${Number(value) + ms}`,
    );
    return JSON.stringify({
      ...line,
      msec: (at / 1000).toFixed(3),
      time: `${new Date(at).toISOString().slice(0, 19)}+00:00`,
      query_string: query,
      ...(payload && {
        request_body: JSON.stringify({ ...payload, data: payload.data.map((event) => moved(event, ms)) }),
      }),
    });
  });
}

function moved(event: Record<string, string>, ms: number): Record<string, string> {
  const times = ['dtm', 'stm', 'ttm'].filter((name) => /^\d+$/.test(event[name] ?? ''));
  return { ...event, ...Object.fromEntries(times.map((name) => [name, String(Number(event[name]) + ms)])) };
}

/** Two lines that can be one request, nothing else of their key between them; or a line alone. */
function pairs(lines: Lines): [first: string, second?: string][] {
  const found: [string, string?][] = [];
  const last = new Map<string, [string, string?]>();
  for (const line of lines) {
    const key = keyOf(line);
    const before = last.get(key);
    if (before && before.length === 1 && canJoin(before[0], line)) {
      before.push(line);
      continue;
    }
    const pair: [string, string?] = [line];
    found.push(pair);
    last.set(key, pair);
  }
  return found;
}

/** The ids of events that were sent several times. */
export function repeatedIds(lines: Lines): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const text of lines) {
    for (const [, id] of text.matchAll(/(?:[?&"]|\\")eid(?:=|\\?":\\?")([0-9a-f-]{36})/gi)) {
      const key = id!.toLowerCase();
      (seen.has(key) ? repeated : seen).add(key);
    }
  }
  return repeated;
}

const OWN = new Set(['request_body', 'request_id', 'msec', 'time', 'network_userid', 'cookies']);

function canJoin(first: string, second: string): boolean {
  if (payloadOf(first) === undefined || payloadOf(second) === undefined) return false;
  const [one, two] = [JSON.parse(first), JSON.parse(second)] as [Line, Line];
  return Object.keys({ ...one, ...two }).every((name) => OWN.has(name) || one[name] === two[name]);
}

function keyOf(text: string): string {
  try {
    const { partition_key, remote_addr } = JSON.parse(text) as Line;
    return partition_key ?? remote_addr ?? '';
  } catch {
    return '';
  }
}

/** The batch of a request that is one, every event with an id of its own; undefined for others. */
function payloadOf(text: string): Payload | undefined {
  try {
    const { method, status, request_body } = JSON.parse(text) as Line;
    if (method !== 'POST' || status !== '200') return undefined;
    const payload = JSON.parse(request_body!) as Payload;
    const whole = PAYLOAD.test(payload.schema) && payload.data.every(({ eid }) => UUID.test(eid ?? ''));
    return whole ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** A batch that says it is something else is set aside as a whole. */
const PAYLOAD = /^iglu:com\.snowplowanalytics\.snowplow\/payload_data\/jsonschema\/1-0-\d$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The line of another request with these events. */
function withEvents(text: string, payload: Payload): string {
  const line = JSON.parse(text) as Line;
  // The key stays last: that is where the shipper looks first.
  const { partition_key, ...rest } = line;
  const request = {
    ...rest,
    request_id: randomUUID().replaceAll('-', ''),
    request_body: JSON.stringify(payload),
  };
  return JSON.stringify(partition_key === undefined ? request : { ...request, partition_key });
}
