import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Collector, collectorSettings, startCollector } from '../../pipeline/collector/index.ts';
import { silent } from '../../pipeline/contracts/running.ts';
import { parserStage } from '../../pipeline/enrichment/index.ts';
import { flatten } from '../../pipeline/flattening/index.ts';
import { openLedger, readAnswers, readIntents } from '../ledger/index.ts';
import type { Answer, Intent } from '../ledger/records.ts';
import type { Header, PlannedRequest } from '../plan/request.ts';
import { send } from '../transport/index.ts';
import { textOfBytes } from './text.ts';

/**
 * The oracle beside the pipeline it judges: arbitrary requests through the real collector, parser and flattener. Two
 * programs by different hands from the same protocol: where they disagree, one of them is wrong.
 */

const text = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'null',
    '0',
    '1',
    '42',
    '-7',
    '4.5',
    '1700000000000',
    '1280x720',
    'ä☃',
    'a\tb\nc',
    '%zz',
    '+ +',
  ),
  fc.constantFrom(
    '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11',
    'A729D278-110A-4AC6-845B-D1F12CE45AC7',
    '203.0.113.7',
    '::1',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(4, 13, 129, 256, 1_001, 4_097).map((length) => 'x'.repeat(length)),
);

const url = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'http://www.example.com',
        'https://a.b:8443',
        'http://u:p@h',
        '//a.b',
        '',
        'HTTP://X.y',
        'http://[::1]:8',
      ),
      fc.constantFrom('', '/', '/a/b c', '/ä', '/%E4', '/%', '/a|b'),
      fc.constantFrom(
        '',
        '?utm_source=n%20ews&gclid=1',
        '?a[]=1',
        '?_sp=abc.1426245561368',
        '?q={x}',
        '?utm_medium=',
      ),
      fc.constantFrom('', '#top', '#a#b'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('about:blank', 'data:text/html,x', 'http://', 'mailto:x@y', 'file:///C:/x', 'not a url'),
);

const json = (depth: number): fc.Arbitrary<unknown> =>
  depth === 0
    ? fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(0.5))
    : fc.oneof(
        json(0),
        fc.array(json(depth - 1), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'cD'), json(depth - 1), { maxKeys: 3 }),
      );

const schemaOf = (name: string): string => `iglu:com.snowplowanalytics.snowplow/${name}/jsonschema/1-0-0`;
const entity = fc.oneof(
  fc.record({
    schema: fc.constantFrom(
      'iglu:com.acme/cartItem/jsonschema/1-0-0',
      'iglu:org.w3/PerfTiming/jsonschema/2-1-0',
    ),
    data: json(3),
  }),
  fc.record({
    schema: fc.constant(schemaOf('web_page')),
    data: fc.constantFrom({ id: '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11' }, { id: 'x' }, {}),
  }),
  fc.constantFrom({ schema: 'iglu:com.acme/x/1-0-0', data: {} }, { a: 1 }, 'x', null),
);
const contexts = fc
  .array(entity, { maxLength: 3 })
  .map((data) => JSON.stringify({ schema: schemaOf('contexts'), data }));
const unstruct = entity.map((data) => JSON.stringify({ schema: schemaOf('unstruct_event'), data }));
const base64 = (document: string): string => Buffer.from(document, 'utf8').toString('base64url');

const parameter: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      ...'aid uid duid nuid tnuid ua fp vid sid dtm ttm stm tna tv lang f_pdf cookie res cd tz page cs ds vp eid ip tid'.split(
        ' ',
      ),
      ...'se_ca se_ac se_la se_va ev_va tr_id tr_tt tr_cu ti_nm ti_pr ti_qu pp_mix pp_may p e cv unknown __proto__'.split(
        ' ',
      ),
    ),
    text,
  ),
  fc.tuple(fc.constantFrom('url', 'refr'), url),
  fc.tuple(fc.constant('co'), fc.oneof(contexts, text)),
  fc.tuple(fc.constant('cx'), contexts.map(base64)),
  fc.tuple(fc.constant('ue_pr'), fc.oneof(unstruct, text)),
  fc.tuple(fc.constant('ue_px'), unstruct.map(base64)),
);

const essentials = fc
  .tuple(fc.constantFrom('pv', 'pp', 'se', 'ue', 'tr', 'ti', 'ad', 'zz'), fc.constantFrom('web', 'mob', 'x'))
  .map(([e, p]): [string, string][] => [
    ['e', e],
    ['p', p],
    ['tv', 'js-4'],
  ]);
const sane = fc.constant<[string, string][]>([
  ['e', 'pv'],
  ['p', 'web'],
  ['tv', 'js-4'],
  ['eid', '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11'],
]);
const parameters = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: sane }, essentials), fc.array(parameter, { maxLength: 4 }))
  .map(([first, rest]) => [...first, ...rest]);

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
/** Bytes that may stand in a request line, now and then raw ones: no space, no control character. */
const rawQuery = fc
  .tuple(
    fc.constantFrom(0x7e, 0x7e, 0x7e, 0xff),
    fc.array(fc.integer({ min: 0x21, max: 0xff }), { maxLength: 30 }),
  )
  .map(([max, bytes]) => latin1(Uint8Array.from(bytes.filter((byte) => byte <= max))).replaceAll('#', '!'));
const encode = (pairs: [string, string][]): string =>
  pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');

const header: fc.Arbitrary<Header> = fc.oneof(
  fc.tuple(fc.constant('User-Agent'), fc.constantFrom('Mozilla/5.0', 'u\u00e4\u00ff', 'x'.repeat(1_001))),
  fc.tuple(fc.constant('Referer'), fc.constantFrom('http://r.example/p?q=1', 'x y')),
  fc.tuple(
    fc.constant('Cookie'),
    fc.constantFrom('sp=11111111-2222-4333-8444-555555555555', 'a=b; sp=hello', 'x'),
  ),
  fc.tuple(
    fc.constant('X-Forwarded-For'),
    fc.constantFrom('203.0.113.9', '203.0.113.9, 10.0.0.1', '2001:db8::1', 'unknown'),
  ),
  fc.constant<Header>(['SP-Anonymous', '*']),
  fc.constant<Header>(['Accept-Language', 'de-DE,de;q=0.9']),
);
const headers = fc.uniqueArray(header, { selector: ([name]) => name, maxLength: 4 });

const get = fc.record({
  method: fc.constant('GET'),
  target: fc.oneof(
    { weight: 6, arbitrary: parameters.map((pairs) => `/i?${encode(pairs)}`) },
    { weight: 2, arbitrary: rawQuery.map((query) => `/i?e=pv&p=web&${query}`) },
    fc.constantFrom(
      '/i',
      '/i?',
      '/com.acme/v1?e=pv',
      '/com.snowplowanalytics.snowplow/tp2?e=pv',
      '/r/tp2?u=x',
    ),
    fc.constantFrom(
      '/health',
      '/robots.txt',
      '/',
      '/a/b/c',
      '/a',
      `/i?e=pv&page=${'x'.repeat(40_000)}`,
      '/a/b/?e=pv',
    ),
  ),
  headers,
  body: fc.constant(null),
});

const item = fc.oneof(
  {
    weight: 6,
    arbitrary: parameters.map((pairs) => Object.fromEntries(pairs.filter(([name]) => name !== '__proto__'))),
  },
  fc.constantFrom({ e: 'pv' }, { e: 'pv', p: 'web', tv: 'x', uid: null }, 'x', null, []),
);
const batch = fc
  .tuple(fc.constantFrom(0, 1, 3, 4, 4, 4, 4, 5), fc.array(item, { maxLength: 4 }))
  .map(([addition, data]) =>
    JSON.stringify({
      schema: `iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-${addition}`,
      data,
    }),
  );
const post = fc.record({
  method: fc.constant('POST'),
  target: fc
    .tuple(
      fc.constantFrom(
        '/com.snowplowanalytics.snowplow/tp2',
        '/com.snowplowanalytics.snowplow/tp2',
        '/com.acme/v1',
        '/i',
      ),
      fc.constantFrom('', '', '?uid=q', '?x', '?page=%'),
    )
    .map((parts) => parts.join('')),
  headers: fc
    .tuple(
      headers,
      fc.constantFrom('application/json; charset=UTF-8', 'application/json', 'text/plain', undefined),
    )
    .map(([others, type]): Header[] => (type === undefined ? others : [...others, ['Content-Type', type]])),
  body: fc.oneof(
    { weight: 6, arbitrary: batch },
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('', '{}', 'null', `${'['.repeat(70)}${']'.repeat(70)}`),
  ),
});

const request = fc.oneof(
  { weight: 2, arbitrary: get },
  post,
  get.map((other) => ({ ...other, method: 'HEAD' })),
);

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of items) all.push(one);
  return all;
};

async function through(
  collector: Collector,
  directory: string,
  plan: PlannedRequest[],
): Promise<{ intents: Intent[]; answers: Answer[] }> {
  const ledger = openLedger(directory, {
    schema: 1,
    mark: 'm',
    seed: 1,
    began: Date.now(),
    target: collector.url,
    settings: {},
    oracle: { clientAddress: '127.0.0.1' },
  });
  await send(plan, { target: collector.url, speed: 'max', concurrency: 1, ledger });
  ledger.close();
  return { intents: await collect(readIntents(directory)), answers: await collect(readAnswers(directory)) };
}

it('agrees with the pipeline on what becomes of any request', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oracle-'));
  const accessLog = join(directory, 'tracking.log');
  const collector = await startCollector(collectorSettings.parse({ port: 0, accessLog }), {
    diagnostics: silent,
  });
  try {
    const plan = fc.sample(request, { numRuns: 3_000, seed: 20_260_101 }).map(
      (sent, number): PlannedRequest => ({
        ...sent,
        request: number,
        due: 0,
        kind: 'probe',
        browser: null,
        expect: 'processed',
        events: 1,
      }),
    );
    const { intents, answers } = await through(collector, join(directory, 'run'), plan);
    await collector.stop();
    const lines = readFileSync(accessLog)
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => textOfBytes(Buffer.from(line, 'latin1')));
    expect(answers.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
    expect(lines).toHaveLength(intents.length);

    const parse = parserStage();
    const outcomes: Record<string, number> = {};
    let fields = 0;
    intents.forEach((intent, i) => {
      const value = Buffer.from(lines[i]!, 'utf8');
      const result = parse({
        topic: 't',
        partition: 0,
        offset: i,
        timestamp: 1_700_000_000_000,
        key: null,
        value,
      });
      const about = `${intent.method} ${intent.target.slice(0, 200)}\n${intent.why}\n${lines[i]!.slice(0, 3_000)}`;
      outcomes[intent.expect] = (outcomes[intent.expect] ?? 0) + 1;
      if (intent.expect === 'refused' || intent.expect === 'ignored') {
        // What could not be read far enough to know its address is logged without one, as Nginx does.
        const unread = intent.expect === 'refused' && lines[i]!.includes('"uri":""');
        expect(result.class, about).toBe(unread ? 'ignored' : intent.expect);
        return;
      }
      expect(result.class, about).toBe('tracker');
      const processed = new Map(
        result.processed.map(({ key, message }) => [indexOf(message.kafka_raw), { key, message }]),
      );
      expect(processed.size + result.failed.length, about).toBe(intent.events.length);
      for (const event of intent.events) {
        const made = processed.get(event.index);
        expect(made === undefined ? 'failed' : 'processed', `${about}\n${event.index} ${event.why}`).toBe(
          event.expect,
        );
        if (made === undefined) continue;
        const flat = flatten(made.message);
        if (event.visitor !== null) expect(made.key, about).toBe(event.visitor);
        if (event.id !== null) expect(flat['event-event_id'], about).toBe(event.id);
        for (const [name, expected] of Object.entries(event.fields)) {
          expect({ [name]: flat[name] }, about).toEqual({ [name]: expected });
          fields++;
        }
      }
    });
    expect(Object.keys(outcomes).sort()).toEqual(['failed', 'ignored', 'processed', 'refused']);
    expect(fields).toBeGreaterThan(5_000);
  } finally {
    await collector.stop();
    rmSync(directory, { recursive: true });
  }
});

function indexOf(kafkaRaw: readonly { name: string; value: unknown }[]): unknown {
  return kafkaRaw.find(({ name }) => name === 'index')?.value;
}
