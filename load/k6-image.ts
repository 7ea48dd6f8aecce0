import { join } from 'node:path';
import { ensureImage } from '../containers/definitions/ensure-image.ts';
import { connectEngine, type Engine, runLabels } from '../containers/engine/index.ts';
import { cacheDirectory, hashOf, StageCache } from '../containers/images/cache.ts';
import { run } from '../containers/images/program.ts';
import { ClickproofError } from '../pipeline/contracts/errors.ts';

/** The same in the official image and in the assembled one. */
const PATH_IN_IMAGE = '/usr/bin/k6';

/**
 * The k6 of the container image, copied once into the cache: a static program, which runs on this machine's network as any other.
 * Undefined where no container engine answers, the image cannot be had, or this machine does not run Linux programs.
 */
export async function k6OfImage(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const engine = await connectEngine(environment);
    const { name } = await ensureImage(engine, 'k6');
    const { Id } = await engine.docker.getImage(name).inspect();
    const cache = new StageCache(join(cacheDirectory(environment), 'programs'));
    const { directory } = await cache.stage('k6', hashOf([Id]), (into) => copy(engine, name, into));
    return join(directory, 'k6');
  } catch (error) {
    if (error instanceof ClickproofError) return undefined;
    throw error;
  }
}

/** Out of a container that is never started. */
async function copy({ docker }: Engine, image: string, into: string): Promise<void> {
  const labels = runLabels(`k6-${process.pid}`);
  const container = await docker.createContainer({ Image: image, Labels: labels });
  try {
    const input = await container.getArchive({ path: PATH_IN_IMAGE });
    await run('tar', ['-xf', '-', '-C', into], { input });
  } finally {
    await container.remove({ force: true });
  }
}
