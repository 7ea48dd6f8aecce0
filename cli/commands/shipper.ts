import type { Command } from 'commander';
import { shipperSettings } from '../../pipeline/shipper/settings.ts';
import { stderrDiagnostics } from '../diagnostics.ts';
import { failPoints } from '../roles/fail-points.ts';
import { type Ports, through } from '../roles/ports.ts';
import { runRole } from '../roles/run-role.ts';
import { commandSettings } from '../settings/command-settings.ts';

/** `clickproof shipper`: takes the lines of the access log to the event log, each exactly once. */
export function registerShipper(program: Command, given?: Ports): void {
  const command = program
    .command('shipper')
    .helpGroup('The pipeline, piece by piece:')
    .description('take the lines of the access log to the event log, as Filebeat would, each exactly once');
  const settings = commandSettings(
    command,
    { shipper: shipperSettings },
    {
      headings: { shipper: 'Pace and limits:' },
      groups: [{ heading: 'What it ships:', keys: ['id', 'logFile', 'from', 'again', 'name'] }],
    },
  );
  command.action(async () => {
    const { shipper, pipeline } = settings();
    const { startShipper } = await import('../../pipeline/shipper/index.ts');
    const { onLog, openPipelineLog } = await import('../roles/open-log.ts');
    const diagnostics = stderrDiagnostics('shipper');
    const ports = through(await failPoints(), given);
    await runRole('shipper', diagnostics, () =>
      onLog(
        () => openPipelineLog(pipeline, diagnostics),
        (log) =>
          startShipper(shipper, { log: ports.log(log, 'shipper'), topics: pipeline.topics, diagnostics }),
      ),
    );
  });
}
