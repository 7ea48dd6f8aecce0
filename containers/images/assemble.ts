import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Engine } from '../engine/index.ts';
import { baseStage } from './base/recipe.ts';
import { contentsOf, hashOf, type StageCache } from './cache.ts';
import { imagesPath } from './files.ts';
import { ASSEMBLED_LABEL, type ImageId, imageName } from './names.ts';
import type { ImageRecipe, Stage } from './recipe.ts';
import type { Tool } from './tools.ts';

export interface AssembleContext {
  readonly engine: Engine;
  readonly cache: StageCache;
  /** Makes images anew that are there and up to date, and puts them in the place of official ones. */
  readonly fresh: boolean;
  readonly signal: AbortSignal | undefined;
  /** A step that took some time has begun. */
  readonly step: (doing: string) => void;
  /** Makes sure that programs are there before a stage runs them. */
  readonly requireTools: (tools: readonly Tool[]) => Promise<void>;
}

export interface ImageState {
  readonly bytes: number;
  /** `official`: pulled, or made by others. */
  readonly origin: 'assembled' | 'official';
  /** What an assembled one was made from. */
  readonly key: string;
}

/** An image of the engine; undefined where there is none of that name. */
export async function findImage(engine: Engine, id: ImageId): Promise<ImageState | undefined> {
  try {
    const { Size, Config } = await engine.docker.getImage(imageName(id)).inspect();
    const key = Config?.Labels?.[ASSEMBLED_LABEL];
    return { bytes: Size, origin: key === undefined ? 'official' : 'assembled', key: key ?? '' };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

export type Outcome = 'assembled' | 'up to date' | 'official';

/** Makes the base image by debootstrap unless there is one. */
export async function assembleBase(context: AssembleContext): Promise<Outcome> {
  const { engine, fresh, step } = context;
  const key = hashOf(baseStage.inputs);
  const present = await findImage(engine, 'base');
  if (present && !fresh) {
    if (present.origin === 'official') return 'official';
    if (present.key === key) return 'up to date';
  }
  const directory = await runStage(baseStage, key, context);
  step('import');
  const [repo, tag] = splitName(imageName('base'));
  const changes = [`LABEL ${ASSEMBLED_LABEL}=${key}`, 'CMD ["bash"]'];
  const archive = createReadStream(join(directory, 'root.tar'));
  await follow(engine, await engine.docker.importImage(archive, { repo, tag, changes }), 'base');
  return 'assembled';
}

/**
 * Makes an image from its recipe unless the one that is there was made from the same.
 *
 * @throws ClickproofError IMAGE_BUILD_FAILED with the end of the build's output, DISK_FULL; whatever a stage fails for
 */
export async function assemble(recipe: ImageRecipe, context: AssembleContext): Promise<Outcome> {
  const { engine, fresh } = context;
  const stages = recipe.stages ?? [];
  const folder = imagesPath(recipe.folder);
  const base = await engine.docker.getImage(imageName('base')).inspect();
  const key = hashOf([
    base.Id,
    ...(await contentsOf(folder)),
    ...stages.flatMap(({ inputs }) => inputs),
    JSON.stringify(recipe.buildArguments ?? {}),
  ]);
  const present = await findImage(engine, recipe.id);
  if (present && !fresh) {
    if (present.origin === 'official') return 'official';
    if (present.key === key) return 'up to date';
  }
  const layers = [folder];
  for (const stage of stages) layers.push(await runStage(stage, hashOf(stage.inputs), context));
  await build(recipe, key, layers, context);
  return 'assembled';
}

async function runStage(stage: Stage, key: string, context: AssembleContext): Promise<string> {
  const { directory } = await context.cache.stage(stage.name, key, async (made) => {
    await context.requireTools(stage.tools);
    context.step(stage.doing);
    await stage.make(made, context);
  });
  return directory;
}

async function build(
  recipe: ImageRecipe,
  key: string,
  layers: readonly string[],
  { engine, fresh, signal, step }: AssembleContext,
): Promise<void> {
  step('image');
  const packing = pack(layers);
  const stream = await engine.docker.buildImage(packing.stdout as unknown as NodeJS.ReadableStream, {
    t: imageName(recipe.id),
    buildargs: { BASE: imageName('base'), ...recipe.buildArguments },
    labels: { [ASSEMBLED_LABEL]: key, 'io.clickproof.about': recipe.about },
    nocache: fresh,
    forcerm: true,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  });
  await follow(engine, stream, recipe.id);
}

/** The build context as a tar stream: the contents of all directories in one. */
function pack(directories: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const args = directories.flatMap((directory) => ['-C', directory, '.']);
  return spawn('tar', ['--exclude=./recipe.ts', '--owner=0', '--group=0', '-cf', '-', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const SHOWN_LINES = 15;

/** Waits for the end of what the engine does. */
async function follow(engine: Engine, stream: NodeJS.ReadableStream, id: ImageId): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lines: string[] = [];
  engine.docker.modem.followProgress(
    stream,
    (failed) => (failed ? reject(buildFailure(id, failed.message, lines)) : resolve()),
    (event: { stream?: string; error?: string }) => {
      if (event.stream?.trim()) lines.push(...event.stream.trimEnd().split('\n'));
      lines.splice(0, lines.length - SHOWN_LINES);
      if (event.error) reject(buildFailure(id, event.error, lines));
    },
  );
  await promise;
}

function buildFailure(id: ImageId, why: string, lines: readonly string[]): ClickproofError {
  const said = [...lines, why].join('\n  | ');
  if (/no space left on device/i.test(said)) {
    return new ClickproofError('DISK_FULL', `no space left for the image ${id}:\n  | ${said}`, {
      remedy: 'free some gigabytes where the container engine keeps its images (docker system prune)',
    });
  }
  return new ClickproofError('IMAGE_BUILD_FAILED', `the image ${id} could not be built:\n  | ${said}`, {
    remedy:
      'the containers that build it need to reach the mirror of Debian; npm run images -- --no-cache starts from scratch',
  });
}

/** `host:5000/name:tag` in two; without a tag it is `latest`. */
function splitName(name: string): [repository: string, tag: string] {
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon === -1 ? [name, 'latest'] : [name.slice(0, colon), name.slice(colon + 1)];
}
