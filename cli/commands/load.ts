import { type Command, Option } from 'commander';
import { SCENARIOS, type Scenario } from '../../load/scenarios.ts';
import { planTraffic, runMark } from '../../simulator/plan/index.ts';
import { addOutputOptions, addTargetOptions, type RunFlags, runAsAsked } from '../run/run-options.ts';
import { trafficCommandSettings } from '../run/traffic-settings.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_USERS = 100;
const MOST_USERS = 2_000;

interface LoadFlags extends RunFlags {
  readonly vus?: number;
}

/** `clickproof load SCENARIO`: k6 sends the simulator's traffic, and every request is accounted for. */
export function registerLoad(program: Command): void {
  const command = program
    .command('load')
    .helpGroup('The main jobs:')
    .description(
      'let k6 send the simulated traffic at a constant rate, and prove what became of every event; k6 is taken from the PATH, or out of its container image',
    )
    .argument('<scenario>', `what k6 does: ${SCENARIOS.join(', ')}`, (name) => {
      const scenario = SCENARIOS.find((known) => known === name);
      if (scenario) return scenario;
      throw new UsageError(`there is no scenario "${name}"`, `there are: ${SCENARIOS.join(', ')}`);
    });
  const settings = trafficCommandSettings(command, addRunOptions);
  command.action(async (scenario: Scenario, flags: LoadFlags) => {
    const traffic = settings(flags);
    const users = flags.vus ?? DEFAULT_USERS;
    const { obtainK6, sendWithK6 } = await import('../../load/index.ts');
    const k6 = await obtainK6();
    const run = {
      mark: runMark(traffic),
      seed: traffic.seed,
      settings: { ...traffic, scenario, vus: users },
      plan: planTraffic(traffic),
      speed: 'realtime' as const,
      send: sendWithK6({ k6, scenario, users, duration: traffic.duration, seed: traffic.seed }),
    };
    ({ code: process.exitCode } = await runAsAsked('load', run, flags));
  });
}

function addRunOptions(command: Command): void {
  command.addOption(
    new Option('--vus <n>', `most requests under way: k6's virtual users (default: ${DEFAULT_USERS})`)
      .argParser((text) => {
        const users = Number(text);
        if (Number.isInteger(users) && users >= 1 && users <= MOST_USERS) return users;
        throw new UsageError(`--vus: not a number from 1 to ${MOST_USERS}: ${text}`);
      })
      .helpGroup('The traffic:'),
  );
  addTargetOptions(command);
  addOutputOptions(command);
}
