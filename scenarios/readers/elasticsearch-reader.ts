import type { ElasticsearchConnection } from '../../containers/connections.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { ElasticsearchPages } from './elasticsearch-pages.ts';

/** Reads the documents behind the alias, as a search sees them at one point in time. */
export class ElasticsearchReader implements SinkReader {
  readonly name = 'Elasticsearch';
  readonly #pages: ElasticsearchPages;
  readonly #alias: string;
  readonly #mark: string;

  /** Reads the events of one run only: an index can hold years of others. */
  constructor(connection: ElasticsearchConnection, mark: string) {
    this.#pages = new ElasticsearchPages(connection);
    this.#alias = connection.alias;
    this.#mark = mark;
  }

  async *events(): AsyncGenerator<{ flat: FlatMessage; where: string }> {
    for await (const { _index, _id, _source } of this.#pages.documents(this.#alias, this.#ofTheRun)) {
      yield { flat: (_source as { tracking: FlatMessage }).tracking, where: `${_index}/${_id}` };
    }
  }

  /** How many there are; none where there is no index yet. @throws ClickproofError HOP_UNREADABLE */
  count(): Promise<number> {
    return this.#pages.count(this.#alias, this.#ofTheRun);
  }

  /** The events of one run; of all where there is no mark. */
  get #ofTheRun(): object {
    if (this.#mark === '') return { match_all: {} };
    return { term: { 'tracking.event-name_tracker': { value: this.#mark } } };
  }
}
