import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type TestCollector, testCollector } from './fixtures/harness.ts';

interface ObservedCase {
  id: string;
  request: { method: string; target: string; headers: Record<string, string>; body: string | null };
  response: { status: number; headers: [string, string][]; body: { text?: string; base64?: string } };
}

const { cases } = JSON.parse(
  readFileSync(new URL('fixtures/observed-responses.json', import.meta.url), 'utf8'),
) as { cases: ObservedCase[] };

/** Where this collector differs on purpose, and which decision record says why. */
const DIFFERENT: Record<string, { status?: number; newUser?: true; decision: string }> = {
  'bad-percent': { status: 200, decision: 'collector-answers' },
  'fragment-dropped': { status: 200, decision: 'collector-answers' },
  'health-head': { status: 200, decision: 'collector-answers' },
  'nuid-cookie-nonuuid-kept': { newUser: true, decision: 'collector-answers' },
};
/** Answers that are told by status only: their texts name a parser that is not ours. */
const STATUS_ONLY = new Set(['bad-percent', 'fragment-dropped', 'health-head', 'long-uri-40k']);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

let collector: TestCollector;
beforeAll(async () => {
  collector = await testCollector();
});
afterAll(() => collector[Symbol.asyncDispose]());

/** The fixtures abbreviate long targets: `/i?e=pv&page=aaa…(32013 chars)`. */
function wholeTarget(target: string): string {
  const match = /^(.*?a)a*\.\.\.\((\d+) chars\)$/.exec(target);
  return match ? match[1]!.padEnd(Number(match[2]), 'a') : target;
}

/** Sorted, lower-case names, without what varies (dates, ids) and what the connection needs. */
function comparable(headers: [string, string][], keepUser: boolean): string[] {
  return headers
    .filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name.toLowerCase()))
    .map(([name, value]) => {
      let shown = value.replace(/Expires=[^;]+/, 'Expires=…');
      if (!keepUser) shown = shown.replace(/sp=[^;]+/, 'sp=…');
      return `${name.toLowerCase()}: ${shown}`;
    })
    .sort();
}

describe('answers as the reference collector was observed to give them', () => {
  test('the fixture is whole', () => expect(cases).toHaveLength(67));

  test.each(cases)('$id', async ({ id, request, response }) => {
    const different = DIFFERENT[id];
    const options = request.body === null ? {} : { body: request.body };
    const answer = await ask(collector.port, request.method, wholeTarget(request.target), {
      headers: request.headers,
      ...options,
    });
    expect(answer.status).toBe(different?.status ?? response.status);
    if (STATUS_ONLY.has(id)) return;

    const pairs = answer.headers.flatMap((name, i) =>
      i % 2 === 0 ? [[name, answer.headers[i + 1]!] as [string, string]] : [],
    );
    // A user the request names is kept, another one is new.
    const named = UUID.test(request.headers.Cookie ?? '') || request.target.includes('nuid=');
    expect(comparable(pairs, named)).toEqual(comparable(response.headers, named));
    const body = response.body.base64
      ? Buffer.from(response.body.base64, 'base64')
      : Buffer.from(response.body.text!);
    expect(answer.body).toEqual(body);
    if (different?.newUser) expect(answer.header('set-cookie')).toMatch(UUID);
  });

  test('each was logged', () => {
    expect(collector.lines()).toHaveLength(cases.length);
    expect(collector.said).toEqual([]);
  });
});
