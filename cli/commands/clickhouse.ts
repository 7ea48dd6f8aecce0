import type { Command } from 'commander';
import { clickhouseServerSettings } from '../../pipeline/clickhouse-server/settings.ts';
import { stderrDiagnostics } from '../diagnostics.ts';
import { runRole } from '../roles/run-role.ts';
import { commandSettings } from '../settings/command-settings.ts';

/** `clickproof clickhouse`: the one process that owns the embedded ClickHouse engine. */
export function registerClickhouse(program: Command): void {
  const command = program
    .command('clickhouse')
    .helpGroup('The pipeline, piece by piece:')
    .description("serve ClickHouse's HTTP protocol over the embedded engine (chdb)");
  const settings = commandSettings(
    command,
    { clickhouse: clickhouseServerSettings },
    { headings: { clickhouse: 'ClickHouse:' }, pipeline: ['dataDir'] },
  );
  command.action(async () => {
    const { clickhouse } = settings();
    const { startClickHouseServer } = await import('../../pipeline/clickhouse-server/index.ts');
    const diagnostics = stderrDiagnostics('clickhouse');
    await runRole('clickhouse', diagnostics, () => startClickHouseServer(clickhouse, { diagnostics }));
  });
}
