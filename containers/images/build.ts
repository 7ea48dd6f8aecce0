/** `npm run images`: assembles the images of the containers stack. See `USAGE`. */
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError, hasCode } from '../../pipeline/contracts/errors.ts';
import { connectEngine, type Engine, ensureEngine } from '../engine/index.ts';
import { type BuildArguments, parseBuildArguments, USAGE } from './arguments.ts';
import { type AssembleContext, assemble, assembleBase, findImage, type Outcome } from './assemble.ts';
import { cacheDirectory, StageCache } from './cache.ts';
import { inLanes, oneByOne } from './lanes.ts';
import { IMAGE_IDS, type ImageId, imageName, isPublished } from './names.ts';
import { Registries } from './pull.ts';
import { RECIPES } from './recipes.ts';
import { requireTools, type Tool } from './tools.ts';

/** All stages and images together, measured, with a reserve. */
const NEEDED_BYTES = 6 * 2 ** 30;

const WIDTH = 16;

/** So many images at the same time: one downloads while another is compiled. */
const LANES = 2;

/** By Ctrl-C; a second one ends the process at once. */
const interrupted = new AbortController();

async function main(args: BuildArguments): Promise<number> {
  if (args.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const engine = args.install ? await ensureEngine({ install: true, say }) : await connectEngine();
  if (args.list) {
    for (const id of IMAGE_IDS) say(await describe(engine, id));
    return 0;
  }
  const recipes = RECIPES.filter(({ id }) => args.only.length === 0 || args.only.includes(id));
  const cache = join(cacheDirectory(), 'images');
  await requireDisk(cache);
  const install = oneByOne((tools: readonly Tool[]) => requireTools(tools, { install: args.install, say }));
  const context = (id: ImageId, signal = interrupted.signal): AssembleContext => ({
    engine,
    cache: stages,
    fresh: !args.cache,
    signal: AbortSignal.any([signal, interrupted.signal]),
    requireTools: install,
    step: (doing) => say(`${id.padEnd(WIDTH)}${doing} …`),
  });
  const stages = new StageCache(cache, !args.cache);
  const started = performance.now();
  const registries = new Registries(engine);
  /** Pulls an image that is not there, if it is to be and can be. */
  const pulled = async (id: ImageId, signal: AbortSignal) => {
    if (!args.pull || !isPublished(id) || (await findImage(engine, id))) return false;
    say(`${id.padEnd(WIDTH)}pull …`);
    const why = await registries.pull(imageName(id), signal);
    if (why !== undefined) say(`${id.padEnd(WIDTH)}cannot be pulled, is assembled: ${why}`);
    return why === undefined;
  };
  const one = async (id: ImageId, make: () => Promise<Outcome>, signal = interrupted.signal) => {
    const begun = performance.now();
    const outcome = (await pulled(id, signal)) ? 'pulled' : await make();
    say(`${await describe(engine, id)}, ${outcome === 'assembled' ? seconds(begun) : outcome}`);
  };

  // Asked for by its name or with all the others the base is made anew; as a means to an end it is only made if there is none.
  const wanted = args.only.length === 0 || args.only.includes('base');
  await one('base', () => assembleBase({ ...context('base'), fresh: wanted && !args.cache }));
  await inLanes(LANES, recipes, (recipe, signal) =>
    one(recipe.id, () => assemble(recipe, context(recipe.id, signal)), context(recipe.id, signal).signal),
  );
  say(`done in ${seconds(started)}; downloads and builds are kept in ${cache}`);
  return 0;
}

async function describe(engine: Engine, id: ImageId): Promise<string> {
  const image = await findImage(engine, id);
  const about = RECIPES.find((recipe) => recipe.id === id)?.about;
  if (!image) return `${id.padEnd(WIDTH)}${imageName(id)}: not there`;
  const size = `${(image.bytes / 1e6).toFixed(0)} MB`;
  const what = image.origin === 'assembled' && about ? `assembled: ${about}` : image.origin;
  return `${id.padEnd(WIDTH)}${imageName(id)}: ${what}, ${size}`;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

async function requireDisk(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= NEEDED_BYTES) return;
  throw new ClickproofError(
    'DISK_TOO_SMALL',
    `${directory} has ${((bavail * bsize) / 2 ** 30).toFixed(1)} GiB left`,
    {
      remedy: `${NEEDED_BYTES / 2 ** 30} GiB are needed: free some, or set XDG_CACHE_HOME to a larger disk`,
    },
  );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
try {
  process.exitCode = await main(parseBuildArguments(process.argv.slice(2)));
} catch (error) {
  if (interrupted.signal.aborted) {
    process.stderr.write('images: stopped; what was complete is kept, the same command goes on from there\n');
    process.exitCode = 130;
  } else if (error instanceof ClickproofError) {
    process.stderr.write(`images: ${error.message}\n${error.remedy ? `  ${error.remedy}\n` : ''}`);
    process.exitCode = hasCode(error, 'USAGE') ? 2 : 1;
  } else throw error;
}
