import type { SuiteOptions } from './options.ts';

/** The command line that repeats one scenario. */
export function commandAgain(
  scenario: string,
  { stack, seed, external }: Pick<SuiteOptions, 'stack' | 'seed' | 'external'>,
  events?: number,
): string {
  const where = external ? `${stack} ${external.flags}` : stack;
  return `npm run verify -- --scenario ${scenario} --stack ${where} --seed ${seed}${events === undefined ? '' : ` --events ${events}`}`;
}
