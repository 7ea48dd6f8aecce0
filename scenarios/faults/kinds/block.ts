import { z } from 'zod';
import type { ElasticsearchConnection } from '../../../containers/connections.ts';
import { ClickproofError } from '../../../pipeline/contracts/errors.ts';
import { duration } from '../../../pipeline/contracts/units.ts';
import { askHttp } from '../../readers/http.ts';
import { countedSince, countedSoFar } from '../counters.ts';
import { requireOwn } from '../own.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  block: z
    .literal('elasticsearch')
    .describe(
      'Elasticsearch answers bulk requests, but refuses each document with 429, as when its disk is full',
    ),
  down: duration.default(2_000).describe('How long'),
});

const INDEX_WITHIN_MS = 30_000;
/** A server that is down meanwhile may come back. */
const MET_WITHIN_MS = 90_000;
const SINK = 'elasticsearch-sink';

/** The block that Elasticsearch itself sets when its disk is full. The requests succeed; what they say of each document must be read. */
export const block: FaultKind<typeof fields> = {
  fields,
  touches: () => ['elasticsearch'],
  async inject({ down }, world) {
    requireOwn(world.stack, 'elasticsearch');
    const { elasticsearch } = world.stack;
    if (elasticsearch === undefined) {
      throw new ClickproofError('NO_ELASTICSEARCH', 'this stack has no Elasticsearch');
    }
    const witness = new Witness(world, {
      table: 'faults',
      fault: 'refuses documents',
      where: 'elasticsearch',
    });
    // Before the first event there is no index.
    const blocked = await world.becomes(() => setBlock(elasticsearch, true), INDEX_WITHIN_MS);
    try {
      const statuses = await tryEach(elasticsearch);
      witness.note(
        blocked && statuses.length > 0 && statuses.every((status) => status === 429),
        `a document of its own was refused by each of ${statuses.length} indices: ${statuses.join(', ')}`,
      );
      const before = await countedSoFar(SINK, 'retries', world);
      const until = world.now() + down;
      const met = await world.becomes(async () => {
        // Elasticsearch takes such blocks away by itself once after each start.
        await setBlock(elasticsearch, true);
        return (await countedSince(before, SINK, 'retries', world)) > 0;
      }, MET_WITHIN_MS);
      witness.note(met, 'the sink sent documents again that were refused, by its own account');
      await world.sleep(until - world.now());
    } finally {
      await release(elasticsearch, world);
    }
    return [witness.evidence()];
  },
};

async function setBlock(connection: ElasticsearchConnection, blocked: boolean): Promise<boolean> {
  const body = JSON.stringify({ 'index.blocks.read_only_allow_delete': blocked || null });
  const { status } = await askHttp(connection, {
    method: 'PUT',
    path: `/${connection.alias}/_settings`,
    body,
  });
  return status === 200;
}

/** What it left blocked would be blamed on the pipeline. */
async function release(connection: ElasticsearchConnection, world: FaultWorld): Promise<void> {
  if (await world.becomes(() => setBlock(connection, false), MET_WITHIN_MS)) return;
  throw new Error('Elasticsearch does not take back that it refuses documents');
}

/** What each index answers to one that wants to write. The document is none that anything could be made of, so that it stays out in any case. */
async function tryEach(connection: ElasticsearchConnection): Promise<number[]> {
  const { text } = await askHttp(connection, { method: 'GET', path: `/${connection.alias}/_settings` });
  const answers = Object.keys(JSON.parse(text) as object).map((index) =>
    askHttp(connection, { method: 'PUT', path: `/${index}/_create/blocked`, body: '{"@timestamp":"never"}' }),
  );
  return (await Promise.all(answers)).map(({ status }) => status);
}
