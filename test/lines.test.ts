import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../pipeline/contracts/testing/eventually.ts';
import { accessLine } from './support/access-log.ts';
import { clickproof, startRole, temporaryDirectory } from './support/clickproof.ts';
import { topicCounts, topicValues } from './support/topics.ts';

const TEN_MB = 10_485_760;

/** Lines that no collector writes, and what is wrong with each. */
const BAD: readonly (readonly [line: Buffer, code: string])[] = [
  [Buffer.from('{"not json'), 'invalid_json'],
  [Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]), 'invalid_json'],
  [Buffer.from('[]'), 'not_an_object'],
  [Buffer.from('null'), 'not_an_object'],
  [Buffer.from('{}'), 'missing_field'],
  [Buffer.alloc(TEN_MB, 'a'), 'line_too_long'],
];

const NEWLINE = Buffer.from('\n');
const GOOD = [accessLine(), accessLine()];

function mixedLog(): Buffer {
  const lines = [Buffer.from(GOOD[0]!), ...BAD.map(([line]) => line), Buffer.from(GOOD[1]!)];
  return Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
}

describe('clickproof enrich', () => {
  test('every line has its answer, in the order of the lines, whatever it holds', async () => {
    const { code, stdout, stderr } = await clickproof(['enrich'], { input: mixedLog() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(BAD.length + 2);
    expect(answers.at(0)).toMatchObject({ index: 0, event: { page_urlhost: 'shop.example' } });
    expect(answers.at(-1)).toMatchObject({ index: 0, event: { page_urlhost: 'shop.example' } });
    expect(answers.slice(1, -1).map(({ failed }) => failed.errors[0].code)).toEqual(
      BAD.map(([, code]) => code),
    );
    // A line too long to be held is told by its head.
    expect(answers[BAD.length].failed.payload.head.length).toBeLessThan(100_000);
  });

  test('nothing in, nothing out', async () => {
    expect(await clickproof(['enrich'], { input: '' })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('the last line counts without a newline, too', async () => {
    const { stdout } = await clickproof(['enrich'], { input: GOOD.join('\n') });
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('clickproof shipper --from, then a parser', () => {
  test('each line is processed or failed; the file is shipped once however often it is asked for', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'mixed.log'), Buffer.concat([mixedLog(), Buffer.from('{"torn')]));
    writeFileSync(join(cwd, 'empty.log'), '');
    const shipper = ['shipper', '--id', 'by-hand', '--data-dir', '.', '--from'];
    for (const file of ['mixed.log', 'empty.log', 'mixed.log']) {
      expect(await clickproof([...shipper, file], { cwd })).toMatchObject({ code: 0 });
    }
    const parser = await startRole(['worker', 'parser', '--data-dir', '.'], { cwd });
    await eventually(async () => {
      expect(await topicCounts(cwd, ['tracking_processed', 'tracking_failed'])).toEqual([2, BAD.length + 1]);
    });
    expect(await parser.stop()).toMatchObject({ code: 0 });
    const failures = (await topicValues(cwd, 'tracking_failed')).map(
      ({ failure }) => failure as { stage: string; errors: { code: string }[] },
    );
    const codes = failures.map(({ errors }) => errors[0]!.code);
    // What cannot become a record, for its length or for want of an end, is failed by the shipper already.
    expect(codes.sort()).toEqual(
      [...BAD.slice(0, -1).map(([, code]) => code), 'line_too_large', 'unterminated_line'].sort(),
    );
  });

  test('lines of a file are enriched like those of standard input', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'tracking.log'), mixedLog());
    const { code, stdout } = await clickproof(['enrich', 'tracking.log'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe((await clickproof(['enrich'], { input: mixedLog() })).stdout);
  });

  test.each([
    ['nothing.log', 'there is no such file'],
    ['.', 'it is a directory'],
  ])('a file that cannot be enriched: %s', async (file, why) => {
    expect(await clickproof(['enrich', file])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `clickproof: cannot read ${file}: ${why}\n  give it an access log: clickproof enrich tracking.log\n`,
    });
  });

  test('a file that is not there', async () => {
    const outcome = await clickproof(['shipper', '--id', 'a', '--data-dir', '.', '--from', 'nothing.log']);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/cannot read \S*nothing\.log: ENOENT/);
    expect(outcome.stderr).toContain('give --from a file that exists');
  });
});

test('a log that is truncated while it is shipped: it is noticed, and what comes later arrives', async () => {
  const cwd = temporaryDirectory();
  const path = join(cwd, 'access', 'tracking.log');
  mkdirSync(join(cwd, 'access'));
  writeFileSync(path, `${GOOD.join('\n')}\n`);
  const shipper = await startRole(['shipper', '--id', 'a', '--data-dir', '.'], { cwd });
  await eventually(async () => expect(await topicCounts(cwd, ['tracking_raw'])).toEqual([2]));
  truncateSync(path, 0);
  appendFileSync(path, `${accessLine()}\n`);
  await eventually(async () => expect(await topicCounts(cwd, ['tracking_raw'])).toEqual([3]));
  const { code, stderr } = await shipper.stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(/shipper has stopped lines=3 .*replaced=1/);
});
