import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessLine } from './support/access-log.ts';
import { clickproof } from './support/clickproof.ts';
import { olderNode } from './support/processes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}

let folder: string;
let bin: string;

// What `npm install clickproof-x.y.z.tgz` leaves in an empty folder, without asking a registry: the files of the tarball,
// and beside them the packages that it depends on, but none that only its development needs.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickproof-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[')));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'clickproof'), { recursive: true });
  execFileSync('tar', [
    '-xzf',
    join(folder, filename),
    '-C',
    join(modules, 'clickproof'),
    '--strip-components=1',
  ]);
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [place, { dev }] of Object.entries(packages)) {
    if (dev || !place.startsWith('node_modules/') || place.lastIndexOf('node_modules/') > 0) continue;
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    symlinkSync(join(root, place), join(folder, place));
  }
  bin = join(modules, '.bin', 'clickproof');
  mkdirSync(dirname(bin), { recursive: true });
  const { bin: bins } = JSON.parse(readFileSync(join(modules, 'clickproof', 'package.json'), 'utf8'));
  rmSync(bin, { force: true });
  symlinkSync(join('..', 'clickproof', bins.clickproof), bin);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe('the package as it is published', () => {
  test('npx finds the command', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const said = execFileSync('npx', ['--no-install', 'clickproof', '--version'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said).toBe(`${version}\n`);
  });

  test('enriches a line', async () => {
    const { code, stdout, stderr } = await clickproof(['enrich'], {
      cwd: folder,
      bin,
      input: `${accessLine(undefined, { user_agent: CHROME })}\n`,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('"useragentFamily":"Chrome"');
    expect(JSON.parse(stdout)).toMatchObject({
      index: 0,
      event: { page_urlhost: 'shop.example' },
    });
  });

  test('runs the whole pipeline, also when an older Node starts it', async () => {
    const node = olderNode();
    const run = ['simulate', '--duration', '3s', '--rate', '50/s', '--out', 'run', '--json'];
    const { code, stdout, stderr } = await clickproof(run, { cwd: folder, bin, ...(node && { node }) });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', restarts: [] });
  }, 120_000);
});
