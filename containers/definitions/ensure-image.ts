import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Engine } from '../engine/index.ts';
import { ASSEMBLED_LABEL, type ImageId, imageName, isPublished, STAND_IN_LABEL } from '../images/names.ts';
import { pullImage } from '../images/pull.ts';

const NO_SPACE = /no space left on device|disk quota exceeded/i;
const LIMITED = /toomanyrequests|too many requests|rate limit|unauthorized|authentication required|denied/i;

export interface ImageInUse {
  readonly name: string;
  readonly origin: 'official' | 'assembled';
  /** What it is not, where an assembled image only stands in for the official one. */
  readonly standIn: string | undefined;
}

/**
 * The image to run for something: the one that is there, else pulled.
 *
 * @param signal gives up the pull
 * @throws ClickproofError IMAGE_NOT_AVAILABLE, DISK_FULL; the signal's reason
 */
export async function ensureImage(engine: Engine, id: ImageId, signal?: AbortSignal): Promise<ImageInUse> {
  const name = imageName(id);
  const labels = (await labelsOf(engine, name)) ?? (await pull(engine, id, name, signal));
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

async function pull(
  engine: Engine,
  id: ImageId,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const assemble = `npm run images -- --only ${id}`;
  if (!isPublished(id)) {
    throw new ClickproofError(
      'IMAGE_NOT_AVAILABLE',
      `the image ${name} is not there, and nobody publishes it`,
      {
        remedy: `assemble it from package registries: ${assemble}`,
      },
    );
  }
  try {
    await pullImage(engine, name, { signal });
    return (await labelsOf(engine, name)) ?? {};
  } catch (cause) {
    signal?.throwIfAborted();
    const { message } = cause as Error;
    if (NO_SPACE.test(message)) {
      throw new ClickproofError('DISK_FULL', `no space left for the image ${name}: ${message}`, {
        remedy: 'free some gigabytes where the container engine keeps its images (docker system prune)',
        cause,
      });
    }
    const limited = LIMITED.test(message);
    throw new ClickproofError(
      'IMAGE_NOT_AVAILABLE',
      `the image ${name} is not there and cannot be pulled: ${message}`,
      {
        remedy: limited
          ? `its registry wants you to wait or to log in: docker login, then docker pull ${name}; or assemble it: ${assemble}`
          : `assemble it from package registries: ${assemble}`,
        cause,
      },
    );
  }
}
