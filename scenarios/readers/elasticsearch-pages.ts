import type { ElasticsearchConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type ExactJson, parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import { askHttp } from './http.ts';
import { oneAhead } from './one-ahead.ts';

/** Two are held at a time, with all that became of them. */
const PAGE = 500;
const KEEP_ALIVE = '2m';

export interface Found {
  readonly _index: string;
  readonly _id: string;
  readonly _source: object;
}

interface Page extends Shards {
  readonly pit_id: string;
  readonly hits: { readonly hits: readonly (Found & { readonly sort: ExactJson[] })[] };
}

interface Shards {
  readonly timed_out?: boolean;
  readonly _shards: { readonly failed: number };
}

/** What a part of the shards says is no answer. @throws ClickproofError HOP_UNREADABLE */
function complete({ timed_out: timedOut = false, _shards }: Shards): void {
  if (!timedOut && _shards.failed === 0) return;
  const why = timedOut ? 'it ran out of time' : `${_shards.failed} shards did not answer`;
  throw new ClickproofError('HOP_UNREADABLE', `Elasticsearch cannot be read whole: ${why}`);
}

/** Reads all documents that match a query, page by page, as they are at one point in time. */
export class ElasticsearchPages {
  readonly #connection: Omit<ElasticsearchConnection, 'alias'>;

  constructor(connection: Omit<ElasticsearchConnection, 'alias'>) {
    this.#connection = connection;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  async *documents(index: string, query: object): AsyncGenerator<Found> {
    for await (const found of oneAhead(this.#pages(index, query))) yield* found;
  }

  async *#pages(index: string, query: object): AsyncGenerator<readonly Found[]> {
    // What was written is found a second later; the checker need not wait for it.
    complete((await this.#ask('POST', `/${index}/_refresh`)) as unknown as Shards);
    const opened = await this.#ask('POST', `/${index}/_pit?keep_alive=${KEEP_ALIVE}`);
    let { id } = opened as unknown as { id: string };
    try {
      for (let after: ExactJson[] | undefined; ; ) {
        const page = (await this.#ask('POST', '/_search?allow_partial_search_results=false', {
          size: PAGE,
          pit: { id, keep_alive: KEEP_ALIVE },
          query,
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          ...(after && { search_after: after }),
        })) as unknown as Page;
        id = page.pit_id;
        complete(page);
        yield page.hits.hits;
        after = page.hits.hits.at(-1)?.sort;
        if (after === undefined) return;
      }
    } finally {
      await this.#ask('DELETE', '/_pit', { id }).catch(() => {}); // it ends by itself
    }
  }

  /** How many documents match now; 0 where there is no such index. @throws ClickproofError HOP_UNREADABLE */
  async count(index: string, query: object): Promise<number> {
    complete((await this.#ask('POST', `/${index}/_refresh?ignore_unavailable=true`)) as unknown as Shards);
    const found = await this.#ask('POST', `/${index}/_count?ignore_unavailable=true`, { query });
    complete(found as unknown as Shards);
    return (found as unknown as { count: number }).count;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  async #ask(method: string, path: string, body?: object): Promise<ExactJson> {
    let why: string;
    try {
      const { status, text } = await askHttp(this.#connection, {
        method,
        path,
        ...(body && { body: stringifyJson(body) }),
      });
      if (status < 300) return parseJson(text);
      why = `${status} ${text.slice(0, 500)}`;
    } catch (cause) {
      why = (cause as Error).message;
    }
    throw new ClickproofError('HOP_UNREADABLE', `Elasticsearch cannot be read: ${why}`);
  }
}
