import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { askHttp } from '../../readers/http.ts';
import { requireOwn } from '../own.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  clickhouse: z
    .enum(['refuses', 'is slow'])
    .describe(
      'It refuses rows with TOO_MANY_PARTS, as when merges do not keep up; or lets each insert wait before',
    ),
  down: duration.default(4_000).describe('How long'),
});

const TABLE = 'tracking.events';
/** A role or a server that is down meanwhile may come back. */
const SEEN_WITHIN_MS = 90_000;

/** ClickHouse's own ways to defend itself, with limits that one part of data reaches. */
const SETTINGS = {
  refuses: { parts_to_throw_insert: 1 },
  'is slow': { parts_to_delay_insert: 1, min_delay_to_insert_ms: 1_000, max_delay_to_insert: 2 },
} as const;

/** What it counts when it does so. */
const COUNTERS = {
  refuses: "SELECT sum(value) FROM system.errors WHERE name = 'TOO_MANY_PARTS'",
  'is slow': "SELECT sum(value) FROM system.events WHERE event = 'DelayedInserts'",
} as const;

/** ClickHouse that does not keep up with its merges. */
export const clickhouse: FaultKind<typeof fields> = {
  fields,
  touches: () => ['clickhouse'],
  async inject({ clickhouse: how, down }, world) {
    requireOwn(world.stack, 'clickhouse');
    const witness = new Witness(world, { table: 'faults', fault: how, where: 'clickhouse' });
    const settings = Object.entries(SETTINGS[how]);
    const count = async () => Number(await query(COUNTERS[how], world));
    const before = await count();
    const set = settings.map(([name, value]) => `${name} = ${value}`).join(', ');
    await query(`ALTER TABLE ${TABLE} MODIFY SETTING ${set}`, world);
    try {
      const until = world.now() + down;
      const seen = await world.becomes(async () => (await count()) > before, SEEN_WITHIN_MS);
      await world.sleep(until - world.now());
      const inserts = (await count()) - before;
      witness.note(
        seen,
        `ClickHouse says that it ${how === 'refuses' ? 'refused' : 'delayed'} ${inserts} inserts`,
      );
    } finally {
      await query(`ALTER TABLE ${TABLE} RESET SETTING ${settings.map(([name]) => name).join(', ')}`, world);
    }
    return [witness.evidence()];
  },
};

async function query(sql: string, { stack }: FaultWorld): Promise<string> {
  const { status, text } = await askHttp(stack.clickhouse, { method: 'POST', path: '/', body: sql });
  if (status !== 200) throw new Error(`ClickHouse: ${text.trim()}`);
  return text.trim();
}
