import { fstatSync } from 'node:fs';
import type { Command } from 'commander';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { UsageError } from '../usage-error.ts';

/** `clickproof enrich < tracking.log`: what the pipeline would make of these lines. */
export function registerEnrich(program: Command): void {
  const command = program
    .command('enrich')
    .helpGroup('Tools:')
    .description(
      'read access-log lines from standard input, write one JSON object an event to standard output',
    );
  const settings = commandSettings(
    command,
    { enrichment: enrichmentSettings },
    { headings: { enrichment: 'Enrichment:' }, pipeline: [] },
  );
  command.action(async () => {
    const { enrichment } = settings();
    checkInput();
    const { enrichStream } = await import('../../pipeline/enrichment/index.ts');
    const { writeStdout } = await import('../stdout.ts');
    await enrichStream(process.stdin, writeStdout, { settings: enrichment });
  });
}

/** Node takes a directory for an empty file, and nobody sees why nothing comes out. */
function checkInput(): void {
  if (process.stdin.isTTY) console.error('reads access-log lines from the terminal; Ctrl-D ends them');
  else if (fstatSync(process.stdin.fd).isDirectory()) {
    throw new UsageError('standard input is a directory', 'give it a file: clickproof enrich < tracking.log');
  }
}
