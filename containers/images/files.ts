import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

/** A path of this folder: recipes' files are no code, so they stay in the source tree when the code is compiled. */
export function imagesPath(...parts: readonly string[]): string {
  return join(projectRoot(), 'containers', 'images', ...parts);
}

/** The directory with the package's manifest, from the sources and from `dist/` alike. */
export function projectRoot(): string {
  const here = fileURLToPath(import.meta.url);
  for (let at = dirname(here); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) && existsSync(join(at, 'containers'))) return at;
  }
  throw new ClickproofError('PACKAGE_BROKEN', `no package.json above ${here}`, {
    remedy: 'install the package anew',
  });
}
