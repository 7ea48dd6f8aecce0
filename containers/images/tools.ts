import { ClickproofError, hasCode } from '../../pipeline/contracts/errors.ts';
import { run } from './program.ts';

/** What the builds need of this machine, and the Debian packages that bring it. */
const TOOLS = {
  debootstrap: { check: ['debootstrap', '--version'], packages: ['debootstrap'] },
  mvn: { check: ['mvn', '--version'], packages: ['maven'] },
  go: { check: ['go', 'version'], packages: ['golang-go', 'ca-certificates'] },
  npm: { check: ['npm', '--version'], packages: ['npm'] },
  tar: { check: ['tar', '--version'], packages: ['tar'] },
} as const satisfies Record<string, { check: readonly [string, string]; packages: readonly string[] }>;

export type Tool = keyof typeof TOOLS;

/** Older ones cannot fetch the toolchain that a module asks for. */
const OLDEST_GO = [1, 21] as const;

/**
 * Makes sure that the tools are there.
 *
 * @param install as root, installs what is missing by apt
 * @throws ClickproofError PROGRAM_MISSING, GO_TOO_OLD; what apt failed for
 */
export async function requireTools(
  tools: readonly Tool[],
  options: { install: boolean; say: (line: string) => void },
): Promise<void> {
  const missing: Tool[] = [];
  for (const tool of tools) if (!(await isThere(tool))) missing.push(tool);
  if (missing.length > 0) {
    const packages = missing.flatMap((tool) => TOOLS[tool].packages);
    if (!options.install) throw notThere(missing, packages);
    options.say(`installing ${packages.join(', ')} by apt`);
    await aptInstall(packages);
  }
  if (tools.includes('go')) await checkGo();
}

/**
 * Installs Debian packages.
 *
 * @throws ClickproofError NOT_ROOT; what apt failed for
 */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new ClickproofError('NOT_ROOT', `only root may install ${packages.join(', ')}`, {
      remedy: `sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
    });
  }
  // Another installation may be under way.
  const apt = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', [...apt, 'update'], { environment });
  await run('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...packages], { environment });
}

async function isThere(tool: Tool): Promise<boolean> {
  const [program, argument] = TOOLS[tool].check;
  try {
    await run(program, [argument]);
    return true;
  } catch (error) {
    if (hasCode(error, 'PROGRAM_MISSING')) return false;
    throw error;
  }
}

function notThere(missing: readonly Tool[], packages: readonly string[]): ClickproofError {
  return new ClickproofError('PROGRAM_MISSING', `not installed on this machine: ${missing.join(', ')}`, {
    remedy: `apt-get install --no-install-recommends ${packages.join(' ')}, or run this command with --install (as root on Debian or Ubuntu)`,
  });
}

async function checkGo(): Promise<void> {
  const version = await run('go', ['version']);
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? ['', '1', '0'];
  if (Number(major) > OLDEST_GO[0] || Number(minor) >= OLDEST_GO[1]) return;
  throw new ClickproofError(
    'GO_TOO_OLD',
    `Go ${OLDEST_GO.join('.')} or newer is needed, this is: ${version.trim()}`,
    {
      remedy: 'install a newer one and put it first on PATH (Debian 12 has one in bookworm-backports)',
    },
  );
}
