import { Argument, type Command, type Help, InvalidArgumentError, Option } from 'commander';
import { type BenchmarkName, CATALOGUE, NEED_AN_ENGINE } from '../../bench/catalogue.ts';
import { duration, rate } from '../../pipeline/contracts/units.ts';
import { makeRunFolder, reproduction } from '../run/places.ts';

const NAMES = Object.keys(CATALOGUE) as BenchmarkName[];

interface BenchFlags {
  readonly quick?: boolean;
  readonly only?: readonly BenchmarkName[];
  readonly minutes?: number;
  readonly rate?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `clickproof bench`: how fast each piece is, beside what it is to be compared with. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .helpGroup('The main jobs:')
    .description('measure the speed of each piece and of the whole, each beside a reference in the same run')
    .addArgument(new Argument('[names...]', 'only these benchmarks (default: all of them)').choices(NAMES))
    .option('--quick', 'less of everything: all in about a minute, for trends only')
    .addOption(
      new Option('--only <names...>', 'the same as an option').choices(NAMES).default([], 'all of them'),
    )
    .option('--minutes <n>', 'also look for so long whether memory stays flat, in end-to-end', minutes)
    .option('--rate <rate>', 'the rate of that long run (default: half of what is sustained)', ratePerSecond)
    .option('--out <dir>', 'folder of report and result (default: a new one in clickproof-runs/)')
    .option('--json', 'the result as JSON on standard output, nothing else there')
    .addHelpText(
      'after',
      () => `\nBenchmarks:\n${benchmarks(program.createHelp())}\n  * needs a container engine`,
    )
    .action(async (names: readonly BenchmarkName[], flags: BenchFlags) => {
      const { runBenchAsAsked } = await import('../run/run-bench.ts');
      process.exitCode = await runBenchAsAsked({
        quick: flags.quick ?? false,
        only: [...names, ...(flags.only ?? [])],
        minutes: flags.minutes ?? 0,
        rate: flags.rate,
        out: makeRunFolder('bench', flags.out),
        reproduce: reproduction('bench', process.argv.slice(3)),
        json: flags.json ?? false,
      });
    });
}

function benchmarks(help: Help): string {
  const terms = NAMES.map((name) => (NEED_AN_ENGINE.includes(name) ? `${name} *` : name));
  const width = Math.max(...terms.map((term) => term.length));
  return terms.map((term, i) => help.formatItem(term, width, CATALOGUE[NAMES[i]!], help)).join('\n');
}

/** `10`, `10m` and `600s` alike. */
function minutes(text: string): number {
  const parsed = duration.safeParse(/^\d+(\.\d+)?$/.test(text) ? `${text}m` : text);
  if (parsed.success && parsed.data >= 60_000) return parsed.data / 60_000;
  throw new InvalidArgumentError(`minutes, at least 1, not "${text}"`);
}

function ratePerSecond(text: string): number {
  const parsed = rate.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${parsed.error.issues[0]?.message}`);
}
