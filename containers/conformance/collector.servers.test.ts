import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineForTests } from '../testing/engine.ts';
import { Collectors } from './collectors.ts';
import { compare } from './compare.ts';
import { requestCorpus } from './corpus/index.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { randomRequest } from './random-requests.ts';
import { type ConformanceRequest, shown } from './request.ts';

const { engine, why } = await engineForTests();

const RANDOM_REQUESTS = Number(process.env.CLICKPROOF_CONFORMANCE_REQUESTS ?? 200);
const RANDOM_SEED = Number(process.env.CLICKPROOF_CONFORMANCE_SEED ?? Date.now() % 2 ** 31);

describe.skipIf(!engine)(`Nginx and the built-in collector ${why}`, () => {
  let collectors: Collectors;
  /** Exceptions that explained something. */
  const used = new Set<string>();
  beforeAll(async () => {
    collectors = await Collectors.start(engine!);
  });
  afterAll(() => collectors?.[Symbol.asyncDispose]());

  describe.each(Object.entries(requestCorpus()))('%s', (_, requests) => {
    it.each(Object.entries(requests))('%s', async (_name, request) => {
      await expectAlike(request);
    });
  });

  it('random requests', async () => {
    await fc.assert(fc.asyncProperty(randomRequest, expectAlike), {
      numRuns: RANDOM_REQUESTS,
      // Another one each time; a failure prints it, and what it shrank to.
      seed: RANDOM_SEED,
      endOnFailure: false,
    });
  }, 120_000);

  // Last of all: what was logged beyond what each request was owed, and exceptions that nothing needs any more.
  it('no line too many, and no exception too many', () => {
    expect(collectors.surplus()).toEqual({ nginx: [], builtIn: [] });
    const unneeded = EXCEPTIONS.filter(({ name, byChance }) => !byChance && !used.has(name));
    expect(unneeded.map(({ name }) => name)).toEqual([]);
  });

  async function expectAlike(request: ConformanceRequest): Promise<void> {
    const { nginx, builtIn } = await collectors.observe(request);
    const found = compare(request, nginx, builtIn);
    for (const name of found.used) used.add(name);
    expect(found.faults, shown(request)).toEqual([]);
  }
});
