import { expect, it } from 'vitest';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { parseBuildArguments } from './arguments.ts';

it('builds everything with the cache unless told otherwise', () => {
  expect(parseBuildArguments([])).toMatchObject({ only: [], cache: true, list: false, help: false });
});

it('takes images by name, any number of them', () => {
  const args = parseBuildArguments(['--only', 'kafka', '--only=redis', '--no-cache', '--install']);
  expect(args).toMatchObject({ only: ['kafka', 'redis'], cache: false, install: true });
});

it.each([['--only', 'mysql'], ['--whatever'], ['kafka'], ['--only']])('explains a mistake: %s', (...args) => {
  const failure = catchError(() => parseBuildArguments(args));
  expect(failure).toMatchObject({ code: 'USAGE', remedy: expect.stringContaining('elasticsearch') });
});

function catchError(action: () => unknown): ClickproofError {
  try {
    action();
  } catch (error) {
    if (error instanceof ClickproofError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
