import { join } from 'node:path';
import type { Command } from 'commander';
import { collectorSettings } from '../../pipeline/collector/settings.ts';
import { stderrDiagnostics } from '../diagnostics.ts';
import { runRole } from '../roles/run-role.ts';
import { commandSettings } from '../settings/command-settings.ts';

/** `clickproof collector`: takes the tracker's requests and writes the access log. */
export function registerCollector(program: Command): void {
  const command = program
    .command('collector')
    .description('take tracker requests over HTTP and write the access log, as Nginx would');
  const settings = commandSettings(command, { collector: collectorSettings }, ({ dataDir }) => ({
    collector: { accessLog: join(dataDir, 'access', 'tracking.log') },
  }));
  command.action(async () => {
    const { collector } = settings();
    const { startCollector } = await import('../../pipeline/collector/index.ts');
    const diagnostics = stderrDiagnostics('collector');
    await runRole('collector', diagnostics, () => startCollector(collector, { diagnostics }));
  });
}
