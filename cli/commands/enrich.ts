import type { Command } from 'commander';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { commandSettings } from '../settings/command-settings.ts';

/** `clickproof enrich < tracking.log`: what the pipeline would make of these lines. */
export function registerEnrich(program: Command): void {
  const command = program
    .command('enrich')
    .helpGroup('Tools:')
    .description(
      'read access-log lines from standard input, write one JSON object an event to standard output',
    );
  const settings = commandSettings(command, { enrichment: enrichmentSettings });
  command.action(async () => {
    const { enrichment } = settings();
    const { enrichStream } = await import('../../pipeline/enrichment/index.ts');
    const { writeStdout } = await import('../stdout.ts');
    await enrichStream(process.stdin, writeStdout, { settings: enrichment });
  });
}
