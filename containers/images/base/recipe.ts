import { join } from 'node:path';
import { platform } from '../platform.ts';
import { run } from '../program.ts';
import type { Stage } from '../recipe.ts';

const RELEASE = 'trixie';
/** What the official slim image leaves out too. */
const LEFT_OUT = [
  './dev/*',
  './proc/*',
  './sys/*',
  './usr/share/doc/*',
  './usr/share/info/*',
  './usr/share/locale/*',
  './usr/share/man/*',
  './var/cache/apt/*.bin',
  './var/cache/apt/archives/*.deb',
  './var/lib/apt/lists/*_*',
  './var/log/*.log',
];

/** Debian's minimal system as `root.tar`; debootstrap checks the archive's signature and every package's hash. */
export const baseStage: Stage = {
  name: 'base',
  doing: `Debian ${RELEASE} by debootstrap`,
  tools: ['debootstrap', 'tar'],
  inputs: [RELEASE, platform().debian, ...LEFT_OUT],
  async make(directory, { signal }) {
    const root = join(directory, 'root');
    await run('debootstrap', ['--variant=minbase', `--arch=${platform().debian}`, RELEASE, root], { signal });
    await run(
      'tar',
      [
        '-C',
        root,
        '--numeric-owner',
        ...LEFT_OUT.map((pattern) => `--exclude=${pattern}`),
        '-cf',
        join(directory, 'root.tar'),
        '.',
      ],
      { signal },
    );
    await run('rm', ['-rf', root]);
  },
};
