import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Engine } from '../engine/index.ts';
import { ASSEMBLED_LABEL, type ImageId, imageName, STAND_IN_LABEL } from '../images/names.ts';

export interface ImageInUse {
  readonly name: string;
  readonly origin: 'official' | 'assembled';
  /** What it is not, where an assembled image only stands in for the official one. */
  readonly standIn: string | undefined;
}

/**
 * The image to run for something: the one that is there, else pulled.
 *
 * @throws ClickproofError IMAGE_NOT_AVAILABLE
 */
export async function ensureImage(engine: Engine, id: ImageId): Promise<ImageInUse> {
  const name = imageName(id);
  const labels = (await labelsOf(engine, name)) ?? (await pull(engine, id, name));
  return {
    name,
    origin: labels[ASSEMBLED_LABEL] === undefined ? 'official' : 'assembled',
    standIn: labels[STAND_IN_LABEL],
  };
}

async function labelsOf({ docker }: Engine, name: string): Promise<Record<string, string> | undefined> {
  try {
    return (await docker.getImage(name).inspect()).Config?.Labels ?? {};
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function pull(engine: Engine, id: ImageId, name: string): Promise<Record<string, string>> {
  try {
    const stream = await engine.docker.pull(name);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    engine.docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    await promise;
    return (await labelsOf(engine, name)) ?? {};
  } catch (cause) {
    throw new ClickproofError(
      'IMAGE_NOT_AVAILABLE',
      `the image ${name} is not there and cannot be pulled: ${(cause as Error).message}`,
      { remedy: `assemble it from package registries: npm run images -- --only ${id}`, cause },
    );
  }
}
