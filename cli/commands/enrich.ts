import { fstatSync } from 'node:fs';
import type { Command } from 'commander';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { workBegins } from '../begun.ts';
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
  command.addHelpText('after', WHAT_COMES_OUT);
  command.action(async () => {
    const { enrichment } = settings();
    checkInput();
    const { enrichStream } = await import('../../pipeline/enrichment/index.ts');
    const { writeStdout } = await import('../stdout.ts');
    workBegins();
    await enrichStream(process.stdin, writeStdout, { settings: enrichment });
  });
}

const WHAT_COMES_OUT = `
What comes out, in the order of the lines:
  {"request_id","index","event":{...}}  an event; index is its place in its POST
  {"request_id","index","failed":{"type","errors":[{"code","field","message"}],
   "parameters"}}  an event that cannot be processed; index is null where the
                   whole payload is refused, request_id too where the line
                   cannot be read (then with "payload", its text)
Lines of requests that are no tracker's, or were refused, give nothing.
The exit code is 0 also where events failed: that is a result.`;

/** Node takes a directory for an empty file, and nobody sees why nothing comes out. */
function checkInput(): void {
  if (process.stdin.isTTY) console.error('reads access-log lines from the terminal; Ctrl-D ends them');
  else if (fstatSync(process.stdin.fd).isDirectory()) {
    throw new UsageError('standard input is a directory', 'give it a file: clickproof enrich < tracking.log');
  }
}
