import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { platform } from './platform.ts';
import { run } from './program.ts';
import type { Stage } from './recipe.ts';

/** A Go module as the module proxy has it, pinned by its checksum; its own go.sum pins what it depends on. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** `h1:…`, as in a go.sum. */
  readonly sum: string;
}

export interface GoProgram {
  /** Name of the stage and of the program. */
  readonly name: string;
  readonly module: GoModule;
  /** The package of the module that is the program. */
  readonly package: string;
  readonly linkerFlags?: string;
  /** A change to one of the modules it is built from. */
  readonly change?: {
    readonly inputs: readonly string[];
    /**
     * Makes a go.mod, with its go.sum beside it, to build with instead of the module's own.
     *
     * @param source where the module's source lies, not to be written to
     * @param scratch an empty directory
     * @returns the path of the go.mod
     */
    moduleFile(source: string, scratch: string, signal: AbortSignal | undefined): Promise<string>;
  };
}

/** A static program built from a module; lies in the context as `bin/<name>`. */
export function goStage(program: GoProgram): Stage {
  const { name, module, change } = program;
  const linkerFlags = `-s -w ${program.linkerFlags ?? ''}`.trim();
  const architecture = platform().go;
  return {
    name,
    doing: `${module.path} ${module.version} from the Go module proxy`,
    tools: ['go'],
    inputs: [
      ...[module.path, module.version, module.sum, program.package, linkerFlags, architecture],
      ...(change?.inputs ?? []),
    ],
    async make(directory, { signal }) {
      const source = await moduleSource(module, signal);
      const scratch = join(directory, 'scratch');
      await mkdir(scratch);
      const modules = change
        ? ['-mod=mod', `-modfile=${await change.moduleFile(source, scratch, signal)}`]
        : ['-mod=readonly'];
      const binary = join(directory, 'bin', name);
      const reproducible = ['-trimpath', '-buildvcs=false', '-ldflags', linkerFlags];
      await run('go', ['build', ...reproducible, ...modules, '-o', binary, program.package], {
        cwd: source,
        environment: { ...GO, GOARCH: architecture },
        signal,
      });
      await run('rm', ['-rf', scratch]);
    },
  };
}

const GO = { CGO_ENABLED: '0', GOOS: 'linux', GOFLAGS: '', GOWORK: 'off' };

/**
 * Fetches a module and gives where its source lies, not to be written to.
 *
 * @throws ClickproofError CHECKSUM_MISMATCH when the proxy gave something else than was pinned
 */
export async function moduleSource(module: GoModule, signal: AbortSignal | undefined): Promise<string> {
  const answer = await run('go', ['mod', 'download', '-json', `${module.path}@${module.version}`], {
    cwd: '/',
    environment: GO,
    signal,
  });
  const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
  if (Sum === module.sum) return Dir;
  throw new ClickproofError(
    'CHECKSUM_MISMATCH',
    `${module.path} ${module.version} has the checksum ${Sum}, ${module.sum} was expected`,
    { remedy: 'look into where GOPROXY leads; the pinned checksum is the public checksum database’s' },
  );
}
