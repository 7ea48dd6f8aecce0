import type { Command } from 'commander';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import { browsersOption, withBrowsers } from '../run/browsers.ts';
import {
  addOutputOptions,
  addTargetOptions,
  parseSpeed,
  type RunFlags,
  runAsAsked,
  speedOption,
} from '../run/run-options.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { UsageError } from '../usage-error.ts';

/** A run is sampled every second; less than one says nothing, and was meant to have a unit. */
const SHORTEST_MS = 1_000;

/** `clickproof simulate`: the main job. Synthetic visitors through the whole pipeline, and what became of each event. */
export function registerSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .helpGroup('The main jobs:')
    .description('send synthetic visitors through the whole pipeline and prove what became of every event');
  const settings = commandSettings(
    command,
    { traffic: trafficSettings },
    {
      headings: { traffic: 'More of the traffic:' },
      groups: [{ heading: 'The traffic:', keys: ['visitors', 'rate', 'duration', 'seed', 'bots', 'faulty'] }],
      between: addRunOptions,
      pipeline: [],
    },
  );
  command.action(async (flags: RunFlags & { readonly browsers?: number }) => {
    const { traffic } = settings();
    const pace = parseSpeed(flags.speed);
    if (traffic.duration < SHORTEST_MS) {
      throw new UsageError(
        `--duration: ${traffic.duration} ms is too short to say anything`,
        'a bare number is milliseconds; give seconds as 10s, minutes as 5m',
      );
    }
    if ((traffic.rate * traffic.duration) / 1000 < 1) {
      throw new UsageError(
        'the rate and the duration come to less than one event',
        'give a higher --rate or a longer --duration',
      );
    }
    const run = {
      mark: runMark(traffic),
      seed: traffic.seed,
      settings: { ...traffic, speed: flags.speed ?? 'realtime' },
      plan: planTraffic(traffic),
      speed: pace === Number.POSITIVE_INFINITY ? ('max' as const) : pace,
    };
    const shared = await withBrowsers(run, flags.browsers ?? 0, traffic.appId);
    process.exitCode = await runAsAsked('simulate', shared, flags);
  });
}

function addRunOptions(command: Command): void {
  command.addOption(speedOption().helpGroup('The traffic:'));
  command.addOption(browsersOption().helpGroup('The traffic:'));
  addTargetOptions(command);
  addOutputOptions(command);
}
