import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RESULT_SCHEMA, type Result } from '../reports/result.ts';

const CLICKPROOF = fileURLToPath(new URL('../cli/bin.js', import.meta.url));
const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickproof-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('leaves a result and a report with the figure beside its reference', async () => {
  const out = join(folder, 'out');
  await run(process.execPath, [CLICKPROOF, 'bench', '--quick', '--only', 'enrichment', '--out', out]);

  const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8')) as Result;
  expect(result).toMatchObject({
    schema: RESULT_SCHEMA,
    command: 'bench',
    reproduce: 'npx clickproof bench --quick --only enrichment',
    verdict: 'unknown',
  });
  const [warm, text, cold] = result.benchmarks!;
  expect([warm!.name, text!.name, cold!.name]).toEqual([
    'enrichment',
    'enrichment, text to text',
    'enrichment, cold',
  ]);
  for (const one of [warm!, cold!]) {
    expect(one.samples.length).toBeGreaterThan(1);
    expect(Math.min(...one.samples)).toBeGreaterThan(0);
    expect(one.spread.low).toBeLessThanOrEqual(one.value);
    expect(one.spread.high).toBeGreaterThanOrEqual(one.value);
    expect(one.reference!.value).toBeGreaterThan(0);
    expect(one.ratio).toBeGreaterThan(0);
  }
  expect(warm!.aim).toBe(20_000);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(warm!.reference!.name);
});

test('says which benchmarks there are', async () => {
  const failed = await run(process.execPath, [CLICKPROOF, 'bench', '--only', 'enrichmant']).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('end-to-end') });
});

test('what needs a container engine says so where none answers, and how to get one', async () => {
  const env = { ...process.env, DOCKER_HOST: `unix://${join(folder, 'nobody.sock')}` };
  const args = [CLICKPROOF, 'bench', 'containers', '--quick', '--out', join(folder, 'out')];
  const failed = await run(process.execPath, args, { env }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('no container engine') });
  expect(failed.stderr).toContain('start Docker or Podman');
});
