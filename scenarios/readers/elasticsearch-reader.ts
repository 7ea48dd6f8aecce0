import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type ExactJson, parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { SinkReader } from '../checkers/check-events.ts';

const PAGE = 1_000;
const KEEP_ALIVE = '2m';

interface Page {
  readonly pit_id: string;
  readonly hits: {
    readonly hits: {
      readonly _index: string;
      readonly _id: string;
      readonly _source: { readonly tracking: FlatMessage };
      readonly sort: ExactJson[];
    }[];
  };
}

/** Reads the documents behind the alias, as a search sees them at one point in time. */
export class ElasticsearchReader implements SinkReader {
  readonly name = 'Elasticsearch';
  readonly #url: string;
  readonly #alias: string;
  readonly #mark: string;

  /** Reads the events of one run only: an index can hold years of others. */
  constructor(options: { url: string; alias: string; mark: string }) {
    this.#url = options.url;
    this.#alias = options.alias;
    this.#mark = options.mark;
  }

  async *events(): AsyncGenerator<{ flat: FlatMessage; where: string }> {
    // What was written is found a second later; the checker need not wait for it.
    await this.#ask('POST', `/${this.#alias}/_refresh`);
    const opened = await this.#ask('POST', `/${this.#alias}/_pit?keep_alive=${KEEP_ALIVE}`);
    let { id } = opened as unknown as { id: string };
    try {
      for (let after: ExactJson[] | undefined; ; ) {
        const page = (await this.#ask('POST', '/_search', {
          size: PAGE,
          pit: { id, keep_alive: KEEP_ALIVE },
          query: this.#query(),
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          ...(after && { search_after: after }),
        })) as unknown as Page;
        id = page.pit_id;
        for (const { _index, _id, _source } of page.hits.hits) {
          yield { flat: _source.tracking, where: `${_index}/${_id}` };
        }
        after = page.hits.hits.at(-1)?.sort;
        if (after === undefined) return;
      }
    } finally {
      await this.#ask('DELETE', '/_pit', { id }).catch(() => {}); // it ends by itself
    }
  }

  #query(): object {
    return this.#mark === ''
      ? { match_all: {} }
      : { term: { 'tracking.event-name_tracker': { value: this.#mark } } };
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  async #ask(method: string, path: string, body?: object): Promise<ExactJson> {
    let why: string;
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: stringifyJson(body) }),
      });
      const text = await response.text();
      if (response.ok) return parseJson(text);
      why = `${response.status} ${text.slice(0, 500)}`;
    } catch (cause) {
      why = (cause as Error).message;
    }
    throw new ClickproofError('HOP_UNREADABLE', `Elasticsearch cannot be read: ${why}`);
  }
}
