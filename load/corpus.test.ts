import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlannedRequest, planTraffic, trafficSettings } from '../simulator/plan/index.ts';
import { plannedRequest as request } from '../simulator/plan/testing/planned-request.ts';
import { type CorpusEntry, corpus, isPlain } from './corpus.ts';

const traffic = planTraffic(trafficSettings.parse({ rate: '200/s', duration: '5s', faulty: '30%', seed: 9 }));

async function all(plan: Iterable<PlannedRequest>, seed = 9): Promise<CorpusEntry[]> {
  const entries: CorpusEntry[] = [];
  for await (const entry of corpus(plan, seed)) entries.push(entry);
  return entries;
}

test('the corpus is the plan, but for a few requests that are no text', async () => {
  const planned = [...traffic];
  const entries = await all(planned);
  expect(entries.length).toBeGreaterThan(planned.length * 0.97);
  const numbers = new Set(entries.map(({ plan }) => plan.request));
  for (const left of planned.filter((one) => !numbers.has(one.request))) expect(isPlain(left)).toBe(false);
  for (const { plan, line } of entries) {
    expect(line).toMatchObject({ method: plan.method, target: plan.target });
    const body = line.body64 === undefined ? (line.body ?? null) : Buffer.from(line.body64, 'base64');
    expect(body).toEqual(plan.body);
  }
});

test('a browser has one network user id, in the ledger as on the wire; who keeps no cookies has none', async () => {
  const ids = new Map<string, Set<string>>();
  for (const { plan, line } of await all(traffic)) {
    const cookie = plan.headers.find(([name]) => name.toLowerCase() === 'cookie');
    if (cookie) expect(line.headers[cookie[0]]).toBe(cookie[1]);
    const id = cookie?.[1].match(/(?:^|; )sp=([0-9a-f-]{36})$/)?.[1];
    expect(id !== undefined).toBe(plan.browser !== null);
    if (plan.browser !== null) ids.set(plan.browser, (ids.get(plan.browser) ?? new Set()).add(id!));
  }
  expect(ids.size).toBeGreaterThan(10);
  expect([...ids.values()].every(({ size }) => size === 1)).toBe(true);
  expect(new Set([...ids.values()].flatMap((set) => [...set])).size).toBe(ids.size);
});

test('the same seed gives the same corpus, another one other cookies', async () => {
  const lines = async (seed: number) => JSON.stringify((await all(traffic, seed)).map(({ line }) => line));
  expect(await lines(1)).toBe(await lines(1));
  expect(await lines(1)).not.toBe(await lines(2));
});

test('nothing passes that a URL parser or an HTTP client would change or refuse', () => {
  const changed = [
    { target: '/i?q=\u00e4' },
    { target: '/i?a b' },
    { target: '/i?a#b' },
    { target: '/i%zz?a' },
    { target: '*' },
    { headers: [['A', ' x']] },
    { headers: [['A', 'x\u00ff']] },
    { headers: [['A b', 'x']] },
    {
      headers: [
        ['A', '1'],
        ['a', '2'],
      ],
    },
  ] as const satisfies readonly Partial<PlannedRequest>[];
  for (const part of changed) expect(isPlain(request(part)), JSON.stringify(part)).toBe(false);
  expect(isPlain(request({ target: '/i?a=%zz&b=%C3%A4', headers: [['A', '']] }))).toBe(true);
  fc.assert(
    fc.property(fc.webQueryParameters(), (query) => {
      const target = `/i?${query}`;
      fc.pre(isPlain(request({ target })));
      expect(new URL(target, 'http://localhost').pathname).toBe('/i');
    }),
  );
});
