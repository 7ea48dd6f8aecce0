import type { Command } from 'commander';
import { collectorSettings } from '../../pipeline/collector/settings.ts';
import { stderrDiagnostics } from '../diagnostics.ts';
import { runRole } from '../roles/run-role.ts';
import { commandSettings } from '../settings/command-settings.ts';

/** `clickproof collector`: takes the tracker's requests and writes the access log. */
export function registerCollector(program: Command): void {
  const command = program
    .command('collector')
    .helpGroup('The pipeline, piece by piece:')
    .description('take tracker requests over HTTP and write the access log, as Nginx would');
  const settings = commandSettings(
    command,
    { collector: collectorSettings },
    {
      headings: { collector: 'Limits:' },
      groups: [
        {
          heading: 'Where it listens and what it writes:',
          keys: ['host', 'port', 'serverName', 'accessLog', 'fsync', 'rotateSize', 'rotateKeep'],
        },
        {
          heading: 'Cookie and redirects:',
          keys: [
            'cookieName',
            'cookieDomain',
            'cookieMaxAge',
            'cookieSecure',
            'cookieSameSite',
            'redirectDomains',
          ],
        },
      ],
      pipeline: ['dataDir', 'bodyBytes'],
    },
  );
  command.action(async () => {
    const { collector } = settings();
    const { startCollector } = await import('../../pipeline/collector/index.ts');
    const diagnostics = stderrDiagnostics('collector');
    await runRole('collector', diagnostics, () => startCollector(collector, { diagnostics }));
  });
}
