import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../files.ts';
import { platform } from '../platform.ts';
import { run } from '../program.ts';
import type { ImageRecipe, Stage } from '../recipe.ts';

/** The folders of the HTTP front, beside this code both in the source tree and when compiled. */
const PIPELINE = fileURLToPath(new URL('../../../pipeline/', import.meta.url));
const FOLDERS = ['clickhouse-server', 'contracts'];
const EXTENSION = extname(fileURLToPath(import.meta.url));

/** The versions that the project itself runs on. */
function versions(...names: readonly string[]): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8'));
  return Object.fromEntries(names.map((name) => [name, manifest.dependencies[name]]));
}

const dependencies = versions('chdb', 'zod');
const { npm: architecture } = platform();
const nodePackage = `node-linux-${architecture}`;
const manifest = JSON.stringify(
  {
    name: 'clickproof-clickhouse',
    private: true,
    type: 'module',
    dependencies: { ...dependencies, [nodePackage]: versions('node').node },
  },
  undefined,
  2,
);

/** Node, the engine and zod, installed for the image's system, not this machine's. npm checks each package's hash. */
const packages: Stage = {
  name: 'clickhouse-packages',
  doing: 'Node and chdb from the npm registry',
  tools: ['npm'],
  inputs: [manifest],
  async make(directory, { signal }) {
    const app = join(directory, 'app');
    await mkdir(app);
    await writeFile(join(app, 'package.json'), manifest);
    const target = ['--os=linux', `--cpu=${architecture}`, '--libc=glibc', '--ignore-scripts'];
    await run('npm', ['install', ...target, '--omit=dev', '--omit=peer', '--no-audit', '--no-fund'], {
      cwd: app,
      signal,
    });
    const nodeFolder = join(app, 'node_modules', nodePackage);
    await rename(join(nodeFolder, 'bin', 'node'), join(app, 'node'));
    await rm(nodeFolder, { recursive: true });
  },
};

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(PIPELINE, folder))
    .filter((name) => name.endsWith(EXTENSION) && !name.includes('.test.'))
    .map((name) => join(folder, name)),
);

const front: Stage = {
  name: 'clickhouse-front',
  doing: 'the HTTP front',
  tools: [],
  inputs: sources.flatMap((path) => [path, readFileSync(join(PIPELINE, path), 'utf8')]),
  async make(directory) {
    for (const path of sources) {
      const target = join(directory, 'app', 'pipeline', path);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(PIPELINE, path), target);
    }
  },
};

export const clickhouseRecipe: ImageRecipe = {
  id: 'clickhouse',
  about:
    "not the server: ClickHouse's engine 26.7 (chdb) behind this project's HTTP front; without users, clusters, the native protocol",
  folder: 'clickhouse',
  stages: [packages, front],
};
