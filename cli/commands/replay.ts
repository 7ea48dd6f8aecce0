import { type Command, Option } from 'commander';
import { planReplay, readRecordedRequests, speed } from '../../simulator/replay/index.ts';
import { reproduction, runFolder } from '../run/places.ts';
import { UsageError } from '../settings/resolve.ts';

/** `clickproof replay FILE`: recorded requests once more, to a collector or through the embedded stack. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('send recorded requests again: one JSON object a line with method, url, headers and body')
    .argument('<file>', 'the recording')
    .option(
      '--target <url>',
      'the collector to send to (default: the embedded stack, with every hop checked)',
    )
    .option('--i-own-this-target', 'allow a target beyond this machine')
    .addOption(
      new Option('--speed <speed>', 'realtime (as recorded), max or a factor like 10x').default('realtime'),
    )
    .option(
      '--out <dir>',
      'where report, result and ledger go (default: a new folder below clickproof-runs/)',
    )
    .option('--keep', 'leave the embedded stack up afterwards, to look around')
    .option('--json', 'the result as JSON on standard output, nothing else')
    .action(async (file: string, given: ReplayOptions) => {
      const pace = speed.safeParse(given.speed);
      if (!pace.success) throw new UsageError(`--speed: ${pace.error.issues[0]?.message}`);
      const run = {
        command: 'replay',
        reproduce: reproduction('replay', process.argv.slice(3)),
        traffic: {
          mark: '',
          seed: 0,
          settings: { file, speed: given.speed },
          plan: planReplay(readRecordedRequests(file), pace.data),
          speed: pace.data === Number.POSITIVE_INFINITY ? ('max' as const) : 1,
        },
        out: given.out ?? runFolder('replay'),
        keep: given.keep ?? false,
        json: given.json ?? false,
      };
      if (given.target !== undefined) {
        const { runAgainstTarget } = await import('../run/run-against-target.ts');
        process.exitCode = await runAgainstTarget(run, given.target, given.iOwnThisTarget ?? false);
        return;
      }
      const { runEmbedded } = await import('../run/run-embedded.ts');
      process.exitCode = await runEmbedded(run);
    });
}

interface ReplayOptions {
  readonly target?: string;
  readonly iOwnThisTarget?: boolean;
  readonly speed: string;
  readonly out?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}
