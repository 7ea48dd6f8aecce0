import type { Command } from 'commander';
import {
  phaseTimes,
  planPhases,
  THROUGHPUT_SCENARIOS,
  type ThroughputScenario,
} from '../../scenarios/throughput/phases.ts';
import { runMark } from '../../simulator/plan/index.ts';
import { addOutputOptions, addTargetOptions, type RunFlags, runAsAsked } from '../run/run-options.ts';
import { trafficCommandSettings } from '../run/traffic-settings.ts';
import { didYouMean } from '../settings/nearest.ts';
import { UsageError } from '../usage-error.ts';

const NAMES = Object.keys(THROUGHPUT_SCENARIOS);

/** `clickproof throughput [SCENARIO]`: traffic that asks something of the pipeline, every event accounted for, with figures. */
export function registerThroughput(program: Command): void {
  const command = program
    .command('throughput')
    .helpGroup('The main jobs:')
    .description(
      'steady traffic and bursts: how far behind the pipeline gets and when it has caught up, with every event accounted for',
    )
    .argument('[scenario]', `${NAMES.join(' or ')} (default: both, one after the other)`, (name) => {
      if (NAMES.includes(name)) return name;
      throw new UsageError(`there is no scenario "${name}"`, didYouMean(name, NAMES));
    });
  const settings = trafficCommandSettings(command, (one) => {
    addTargetOptions(one, 'containers');
    addOutputOptions(one);
  });
  command.action(async (scenario: ThroughputScenario | undefined, flags: RunFlags) => {
    const traffic = settings(flags);
    const wanted = scenario === undefined ? (NAMES as ThroughputScenario[]) : [scenario];
    if (wanted.length > 1 && flags.out !== undefined) {
      throw new UsageError('--out is for one scenario', `name one: ${NAMES.join(' or ')}`);
    }
    const { throughputFigures } = await import('../../scenarios/throughput/figures.ts');
    for (const name of wanted) {
      const phases = phaseTimes(name, traffic.duration);
      const own = runMark({ ...traffic, appId: `${name} ${traffic.appId}` });
      const mark = traffic.mark !== undefined && wanted.length > 1 ? `${own}-${name}` : own;
      const run = {
        mark,
        seed: traffic.seed,
        settings: { ...traffic, scenario: name },
        plan: planPhases(phases, traffic, mark),
        speed: 'realtime' as const,
      };
      const given = process.argv.slice(3);
      const { code, interrupted } = await runAsAsked(
        'throughput',
        run,
        { stack: 'containers', ...flags },
        {
          figures: (result) => throughputFigures(result, phases),
          args: scenario === undefined ? [name, ...given] : given,
        },
      );
      if (code !== 0) process.exitCode = code;
      if (interrupted) return;
    }
  });
}
