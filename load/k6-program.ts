import { delimiter, join } from 'node:path';
import { cacheDirectory, hashOf } from '../containers/images/cache.ts';
import { k6Recipe } from '../containers/images/k6/recipe.ts';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { isProgram } from '../simulator/program.ts';
import { k6OfImage } from './k6-image.ts';

/** Names the program to run as k6. */
export const K6_VARIABLE = 'CLICKPROOF_K6';

/**
 * The k6 of this machine: the one that CLICKPROOF_K6 names, else the one on PATH, else the one that `npm run images` has built for the
 * image. It is only ever run as a program of its own.
 *
 * @throws ClickproofError K6_NOT_FOUND
 */
export function findK6(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment[K6_VARIABLE]?.trim();
  if (named) {
    if (isProgram(named)) return named;
    throw notFound(`${K6_VARIABLE} names ${named}, which is no program that can be run`);
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = [...folders.map((folder) => join(folder, 'k6')), ...built(environment)].find(isProgram);
  if (found === undefined) throw notFound('there is no k6 on this machine');
  return found;
}

/**
 * `findK6`, or else the k6 of the container image.
 *
 * @throws ClickproofError K6_NOT_FOUND
 */
export async function obtainK6(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  try {
    return findK6(environment);
  } catch (error) {
    const copied = environment[K6_VARIABLE]?.trim() ? undefined : await k6OfImage(environment);
    if (copied === undefined) throw error;
    return copied;
  }
}

/** Where the stages of the image keep it. */
function built(environment: NodeJS.ProcessEnv): string[] {
  return (k6Recipe.stages ?? []).map(({ name, inputs }) =>
    join(cacheDirectory(environment), 'images', `${name}-${hashOf(inputs)}`, 'bin', 'k6'),
  );
}

function notFound(message: string): ClickproofError {
  return new ClickproofError('K6_NOT_FOUND', message, {
    remedy: `install it (https://grafana.com/docs/k6/latest/set-up/install-k6/), or name it with ${K6_VARIABLE}; npm run images -- --only k6 builds it with Go and a container engine`,
  });
}
