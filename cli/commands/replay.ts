import type { Command } from 'commander';
import { planReplay, readRecordedRequests } from '../../simulator/replay/index.ts';
import {
  addOutputOptions,
  addTargetOptions,
  parseSpeed,
  type RunFlags,
  runAsAsked,
  speedOption,
} from '../run/run-options.ts';

/** `clickproof replay FILE`: recorded requests once more, to a collector or through the embedded stack. */
export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .helpGroup('The main jobs:')
    .description(
      'send recorded requests again, through the embedded stack with every hop checked, or to a collector',
    )
    .argument('<file>', 'the recording: one JSON object a line with method, url, headers and body')
    .addOption(speedOption());
  addTargetOptions(command);
  addOutputOptions(command);
  command.action(async (file: string, flags: RunFlags) => {
    const pace = parseSpeed(flags.speed);
    // What cannot be read is said before anything is started.
    for await (const _first of readRecordedRequests(file)) break;
    const traffic = {
      mark: '',
      seed: 0,
      settings: { file, speed: flags.speed ?? 'realtime' },
      plan: planReplay(readRecordedRequests(file), pace),
      speed: pace === Number.POSITIVE_INFINITY ? ('max' as const) : 1,
    };
    ({ code: process.exitCode } = await runAsAsked('replay', traffic, flags));
  });
}
