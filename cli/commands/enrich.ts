import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { workBegins } from '../begun.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { UsageError } from '../usage-error.ts';

/** `clickproof enrich [FILE]`: what the pipeline would make of these lines. */
export function registerEnrich(program: Command): void {
  const command = program
    .command('enrich')
    .helpGroup('Tools:')
    .description('read access-log lines, write one JSON object an event to standard output')
    .argument(
      '[file]',
      'the lines: JSON, as the collector and our Nginx configuration write them (default: standard input)',
    );
  const settings = commandSettings(
    command,
    { enrichment: enrichmentSettings },
    { headings: { enrichment: 'Enrichment:' }, pipeline: [] },
  );
  command.addHelpText('after', WHAT_COMES_OUT);
  command.action(async (file: string | undefined) => {
    const { enrichment } = settings();
    const input = open(file);
    const { enrichStream } = await import('../../pipeline/enrichment/index.ts');
    const { writeStdout } = await import('../stdout.ts');
    workBegins();
    await enrichStream(input, writeStdout, { settings: enrichment });
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

/**
 * The lines, from a file or from standard input. Node takes a directory for an empty file, and nobody sees why nothing comes out.
 *
 * @throws UsageError
 */
function open(file: string | undefined): Readable {
  const name = file ?? 'standard input';
  let fd: number;
  try {
    fd = file === undefined ? process.stdin.fd : openSync(file, 'r');
  } catch (cause) {
    throw unreadable(
      name,
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(cause),
      cause,
    );
  }
  if (fstatSync(fd).isDirectory()) throw unreadable(name, 'it is a directory');
  if (file !== undefined) return createReadStream(file, { fd });
  if (process.stdin.isTTY) console.error('reads access-log lines from the terminal; Ctrl-D ends them');
  return process.stdin;
}

function unreadable(name: string, why: string, cause?: unknown): UsageError {
  return new UsageError(
    `cannot read ${name}: ${why}`,
    'give it an access log: clickproof enrich tracking.log',
    cause,
  );
}
