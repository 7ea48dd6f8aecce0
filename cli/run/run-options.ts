import { type Command, Option } from 'commander';
import type { BenchmarkResult, Result } from '../../reports/result.ts';
import type { Traffic } from '../../scenarios/runs/run-traffic.ts';
import { speed } from '../../simulator/replay/pace.ts';
import { didYouMean } from '../settings/nearest.ts';
import { UsageError } from '../usage-error.ts';
import { makeRunFolder, reproduction } from './places.ts';
import type { RunEnd } from './run-on-stack.ts';
import { COLLECTORS, SHIPPERS, STACKS, type StackChoice, stackChoice } from './stack-kinds.ts';

/** What every command that runs traffic can be told. */
export interface RunFlags {
  readonly speed?: string;
  readonly target?: string;
  readonly stack?: StackChoice['kind'];
  readonly collector?: StackChoice['collector'];
  readonly shipper?: StackChoice['shipper'];
  readonly iOwnThisTarget?: boolean;
  readonly config?: string;
  readonly out?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

export function speedOption(): Option {
  return new Option(
    '--speed <speed>',
    'realtime, a factor like 10x, or max: the same traffic as fast as it is answered (default: realtime)',
  ).argParser((text: string) => {
    parseSpeed(text);
    return text;
  });
}

/** `realtime`, `max` (Infinity) or a factor. @throws UsageError */
export function parseSpeed(text = 'realtime'): number {
  const parsed = speed.safeParse(text);
  if (!parsed.success) throw new UsageError(`--speed: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

export function addTargetOptions(command: Command, usual: StackChoice['kind'] = 'embedded'): void {
  command
    .optionsGroup('Where it goes:')
    .option(
      '--target <url>',
      "somebody else's collector: sends and keeps the ledger, skips the hops that cannot be read",
    )
    .option('--i-own-this-target', 'allow a target beyond this machine')
    .addOption(
      oneOf(
        'stack',
        STACKS,
        `embedded: npm packages alone; containers: Kafka, Redis, Elasticsearch and ClickHouse in containers; external: your own services, named by --config; default: ${usual}`,
      ),
    )
    .addOption(oneOf('collector', COLLECTORS, 'who takes the requests, in the containers stack'))
    .addOption(oneOf('shipper', SHIPPERS, 'who takes the access log to Kafka there'));
}

function oneOf(name: string, choices: readonly string[], description: string): Option {
  return new Option(`--${name} <kind>`, `${description} (${choices.join(', ')})`).argParser(
    (kind: string) => {
      if (choices.includes(kind)) return kind;
      throw new UsageError(`--${name}: there is no ${name} "${kind}"`, didYouMean(kind, choices));
    },
  );
}

export function addOutputOptions(command: Command): void {
  command
    .optionsGroup('What it leaves:')
    .option('--out <dir>', 'folder of report, result and ledger (default: a new one in clickproof-runs/)')
    .option('--keep', 'leave the stack up until Ctrl-C, to look around; its data is removed then')
    .option('--json', 'the result as JSON on standard output, nothing else there')
    .optionsGroup('Options:');
}

/**
 * Runs traffic where the flags say. `figures` are made of the result and added to it; `args` are what the command was called with,
 * or is to be called with to do the same again.
 *
 * @returns how it ended; the exit code is 0 only where every event is accounted for
 */
export async function runAsAsked(
  command: string,
  traffic: Traffic,
  flags: RunFlags,
  {
    figures,
    args = process.argv.slice(3),
  }: {
    readonly figures?: (result: Result) => readonly BenchmarkResult[];
    readonly args?: readonly string[];
  } = {},
): Promise<RunEnd> {
  const run = {
    command,
    reproduce: reproduction(command, args),
    traffic,
    keep: flags.keep ?? false,
    json: flags.json ?? false,
  };
  if (flags.target !== undefined) {
    const { runAgainstTarget, targetOrigin } = await import('./run-against-target.ts');
    const { requireReachable } = await import('./reachable.ts');
    const origin = targetOrigin(flags.target, flags.iOwnThisTarget ?? false);
    await requireReachable(origin);
    return runAgainstTarget({ ...run, out: makeRunFolder(command, flags.out) }, origin);
  }
  const stack = stackChoice(flags);
  if (stack.kind === 'external' && traffic.mark === '') {
    throw new UsageError(
      'recorded requests carry no mark, and could not be told from others on services that are shared',
      'replay them to your collector with --target, or through a stack of their own',
    );
  }
  const { runOnStack } = await import('./run-on-stack.ts');
  return runOnStack({ ...run, ...(figures && { figures }), stack, out: makeRunFolder(command, flags.out) });
}
