import { type Command, Option } from 'commander';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import { speed } from '../../simulator/replay/pace.ts';
import { reproduction, runFolder } from '../run/places.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { UsageError } from '../settings/resolve.ts';

/** `clickproof simulate`: the main job. Synthetic visitors through the whole pipeline, and what became of each event. */
export function registerSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .description('send synthetic visitors through the whole pipeline and prove what became of every event')
    .addOption(
      new Option('--stack <kind>', 'which pipeline')
        .choices(['embedded', 'containers', 'external'])
        .default('embedded'),
    )
    .option(
      '--target <url>',
      "somebody else's collector: send and keep the ledger, skip the hops that cannot be read",
    )
    .option('--i-own-this-target', 'allow a target beyond this machine')
    .option('--speed <speed>', 'realtime, max or a factor like 10x', 'realtime')
    .option(
      '--out <dir>',
      'where report, result and ledger go (default: a new folder below clickproof-runs/)',
    )
    .option('--keep', 'leave the stack up afterwards, to look around')
    .option('--json', 'the result as JSON on standard output, nothing else');
  const settings = commandSettings(command, { traffic: trafficSettings });
  command.action(async (given: SimulateOptions) => {
    const { traffic } = settings();
    const pace = speed.safeParse(given.speed);
    if (!pace.success) throw new UsageError(`--speed: ${pace.error.issues[0]?.message}`);
    const run = {
      command: 'simulate',
      reproduce: reproduction('simulate', process.argv.slice(3)),
      traffic: {
        mark: runMark(traffic),
        seed: traffic.seed,
        settings: { ...traffic, speed: given.speed },
        plan: planTraffic(traffic),
        speed: pace.data === Number.POSITIVE_INFINITY ? ('max' as const) : pace.data,
      },
      out: given.out ?? runFolder('simulate'),
      keep: given.keep ?? false,
      json: given.json ?? false,
    };
    if (given.target !== undefined) {
      const { runAgainstTarget } = await import('../run/run-against-target.ts');
      process.exitCode = await runAgainstTarget(run, given.target, given.iOwnThisTarget ?? false);
      return;
    }
    if (given.stack !== 'embedded') {
      throw new UsageError(
        `the ${given.stack} stack is not there yet`,
        'leave --stack out for the embedded one',
      );
    }
    const { runEmbedded } = await import('../run/run-embedded.ts');
    process.exitCode = await runEmbedded(run);
  });
}

interface SimulateOptions {
  readonly stack: 'embedded' | 'containers' | 'external';
  readonly target?: string;
  readonly iOwnThisTarget?: boolean;
  readonly speed: string;
  readonly out?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}
