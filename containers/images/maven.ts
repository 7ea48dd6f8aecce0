import { readFileSync } from 'node:fs';
import { imagesPath } from './files.ts';
import { run } from './program.ts';
import type { Stage } from './recipe.ts';

/**
 * The jars that a `pom.xml` beside the Dockerfile names, with all they depend on. It copies them below `${out}`. Maven checks each
 * against the repository's checksum and fails where one differs.
 */
export function mavenStage(folder: string): Stage {
  const pom = imagesPath(folder, 'pom.xml');
  return {
    name: `${folder}-jars`,
    doing: 'jars from Maven Central',
    tools: ['mvn'],
    inputs: [readFileSync(pom, 'utf8')],
    async make(directory, { signal }) {
      await run('mvn', ['-q', '-B', '--strict-checksums', '-f', pom, `-Dout=${directory}`, 'package'], {
        signal,
      });
    },
  };
}
