import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silent } from '../../contracts/running.ts';
import { type BulkOptions, BulkWriter, type Write } from './bulk.ts';
import { elasticsearchClient } from './client.ts';
import { Schema } from './schema.ts';
import { elasticsearchSinkSettings } from './settings.ts';

/** What the server does with a bulk request: a status for all of it, `reset`, or one for each item. */
type Behaviour = (ids: readonly string[], bytes: number) => number | 'reset' | (number | [number, string])[];

describe('bulk requests', () => {
  let server: Server;
  let behaviour: Behaviour;
  /** Ids of each request that reached the server. */
  let requests: string[][];
  let client: ReturnType<typeof elasticsearchClient>;
  let schema: Schema;
  const aborting = new AbortController();

  beforeEach(async () => {
    requests = [];
    server = createServer(async (request, response) => {
      const body = await text(request);
      const answer = (status: number, value: unknown) =>
        response
          .writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
          .end(JSON.stringify(value));
      if (!request.url!.startsWith('/_bulk')) return answer(200, {});
      const ids = body
        .split('\n')
        .filter((_, line) => line % 2 === 0)
        .filter(Boolean)
        .map((line) => JSON.parse(line).create._id as string);
      requests.push(ids);
      const done = behaviour(ids, body.length);
      if (done === 'reset') return request.socket.destroy();
      if (typeof done === 'number') return answer(done, { error: { type: 'whole', reason: 'whole' } });
      const items = done.map((one) => {
        const [status, type] = Array.isArray(one) ? one : [one, 'some_exception'];
        return { create: { status, ...(status >= 300 && { error: { type, reason: 'reason' } }) } };
      });
      return answer(200, { errors: true, items });
    });
    server.listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(server.listening).toBe(true));
    const { port } = server.address() as { port: number };
    const settings = elasticsearchSinkSettings.parse({ elasticsearchUrl: `http://127.0.0.1:${port}` });
    client = elasticsearchClient(settings);
    schema = new Schema(client, settings);
  });
  afterEach(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });

  const writer = (more: Partial<BulkOptions> = {}) =>
    new BulkWriter(client, schema, {
      ...{ bulkBytes: 1 << 20, bulks: 2, retryMinMs: 1, retryMaxMs: 2, blockedMs: 0 },
      diagnostics: silent,
      ...more,
    });
  const write = (id: string, bytes = 10): Write => ({
    index: 'i-2023.11',
    id,
    source: Buffer.from(`{"a":"${'x'.repeat(bytes)}"}`),
  });
  const writes = (...ids: string[]) => ids.map((id) => write(id));

  it('sends again only the items that may pass, until they have', async () => {
    let attempts = 0;
    behaviour = (ids) => {
      attempts++;
      return ids.map((id) => {
        if (id === 'busy' && attempts < 4) return 429;
        if (id === 'moving' && attempts < 3) return 503;
        if (id === 'full' && attempts < 3) return [400, 'validation_exception'];
        if (id === 'bad') return 400;
        if (id === 'taken') return 409;
        return 201;
      });
    };
    const bulk = writer();
    const outcomes = await bulk.write(
      writes('a', 'busy', 'bad', 'moving', 'taken', 'full', 'z'),
      aborting.signal,
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      ...['written', 'written', 'refused', 'written', 'conflict', 'written', 'written'],
    ]);
    expect(requests).toEqual([
      ['a', 'busy', 'bad', 'moving', 'taken', 'full', 'z'],
      ['busy', 'moving', 'full'],
      ['busy', 'moving', 'full'],
      ['busy'],
    ]);
    expect(bulk.stats).toMatchObject({ documents: 5, conflicts: 1, retries: 7, bulks: 4 });
  });

  it('sends a request again that is not answered, refused for now, or cut off', async () => {
    const failures: (number | 'reset')[] = [503, 'reset', 429, 502, 'reset'];
    behaviour = (ids) => failures.shift() ?? ids.map(() => 201);
    const outcomes = await writer().write(writes('a', 'b'), aborting.signal);
    expect(outcomes).toEqual([{ kind: 'written' }, { kind: 'written' }]);
    expect(requests).toHaveLength(6);
  });

  it('halves a request that is too large for something on the way', async () => {
    behaviour = (ids, bytes) => (bytes > 3_000 ? 413 : ids.map(() => 201));
    const given = [write('a', 1_000), write('b', 1_000), write('huge', 5_000), write('c', 1_000)];
    const outcomes = await writer().write(given, aborting.signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'written', 'refused', 'written']);
    expect(outcomes[2]).toMatchObject({ error: { type: 'request_413' } });
  });

  it('finds the item that spoils a request', async () => {
    behaviour = (ids) => (ids.includes('bad') ? 400 : ids.map(() => 201));
    const outcomes = await writer().write(writes('a', 'b', 'bad', 'c', 'd'), aborting.signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'written', 'refused', 'written', 'written']);
  });

  it('keeps requests below the sizes it is told, and few under way', async () => {
    let underWay = 0;
    let most = 0;
    behaviour = (ids) => {
      most = Math.max(most, ++underWay);
      setImmediate(() => underWay--);
      return ids.map(() => 201);
    };
    const bulk = writer({ bulkBytes: 20_000, maxRequestBytes: 60_000, bulks: 1 });
    const given = Array.from({ length: 10 }, (_, i) => write(`${i}`, i === 3 ? 70_000 : 5_000));
    const outcomes = await Promise.all([
      bulk.write(given, aborting.signal),
      bulk.write(writes('x'), aborting.signal),
    ]);
    expect(outcomes[0].filter(({ kind }) => kind === 'written')).toHaveLength(9);
    expect(outcomes[0][3]).toMatchObject({ kind: 'refused', error: { type: 'request_too_large' } });
    expect(Math.max(...requests.map((ids) => ids.length))).toBe(2);
    expect(most).toBe(1);
  });

  it('gives up when it is told to', async () => {
    behaviour = () => 503;
    const stop = new AbortController();
    const writing = writer().write(writes('a'), stop.signal);
    await vi.waitFor(() => expect(requests.length).toBeGreaterThan(2));
    stop.abort(new Error('revoked'));
    await expect(writing).rejects.toThrow();
  });
});
