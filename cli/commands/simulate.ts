import type { Command } from 'commander';
import { planTraffic, runMark } from '../../simulator/plan/index.ts';
import { browsersOption, withBrowsers } from '../run/browsers.ts';
import {
  addOutputOptions,
  addTargetOptions,
  parseSpeed,
  type RunFlags,
  runAsAsked,
  speedOption,
} from '../run/run-options.ts';
import { trafficCommandSettings } from '../run/traffic-settings.ts';

/** `clickproof simulate`: the main job. Synthetic visitors through the whole pipeline, and what became of each event. */
export function registerSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .helpGroup('The main jobs:')
    .description('send synthetic visitors through the whole pipeline and prove what became of every event');
  const settings = trafficCommandSettings(command, addRunOptions);
  command.action(async (flags: RunFlags & { readonly browsers?: number }) => {
    const traffic = settings(flags);
    const pace = parseSpeed(flags.speed);
    const run = {
      mark: runMark(traffic),
      seed: traffic.seed,
      settings: { ...traffic, speed: flags.speed ?? 'realtime' },
      plan: planTraffic(traffic),
      speed: pace === Number.POSITIVE_INFINITY ? ('max' as const) : pace,
    };
    const shared = await withBrowsers(run, flags.browsers ?? 0, traffic.appId);
    ({ code: process.exitCode } = await runAsAsked('simulate', shared, flags));
  });
}

function addRunOptions(command: Command): void {
  command.addOption(speedOption().helpGroup('The traffic:'));
  command.addOption(browsersOption().helpGroup('The traffic:'));
  addTargetOptions(command);
  addOutputOptions(command);
}
