import type { ElasticsearchConnection } from '../../containers/connections.ts';
import type { ExactJson } from '../../pipeline/contracts/json.ts';
import { ElasticsearchPages } from '../readers/elasticsearch-pages.ts';
import { type DeclaredReader, type DeclaredRecord, shownText } from './reader.ts';
import type { DeclaredElasticsearchHop } from './settings.ts';
import { valueAt } from './value-at.ts';

/** The documents of an index, as a search sees them. */
export class DeclaredElasticsearchReader implements DeclaredReader {
  readonly name: string;
  readonly fields: readonly string[];
  readonly repeats: DeclaredReader['repeats'];
  readonly #hop: DeclaredElasticsearchHop;
  readonly #pages: ElasticsearchPages;
  readonly #query: object;

  constructor(hop: DeclaredElasticsearchHop, connection: ElasticsearchConnection, mark: string) {
    this.name = hop.name ?? hop.index;
    this.fields = Object.keys(hop.fields);
    this.repeats = hop.repeats;
    this.#hop = hop;
    this.#pages = new ElasticsearchPages(connection);
    this.#query = JSON.parse(JSON.stringify(hop.query).replaceAll('{mark}', mark)) as object;
  }

  /** Finds out whether it can be searched at all. */
  async begin(): Promise<void> {
    for await (const _ of this.#pages.documents(this.#hop.index, this.#query)) return;
  }

  async *records(): AsyncGenerator<DeclaredRecord> {
    const { index, id, fields } = this.#hop;
    for await (const { _index, _id, _source } of this.#pages.documents(index, this.#query)) {
      const source = _source as ExactJson;
      yield {
        id: id === '_id' ? _id : shownText(valueAt(source, id)),
        fields: Object.fromEntries(
          Object.entries(fields).map(([name, path]) => [name, shownText(valueAt(source, path))]),
        ),
        where: `${_index}/${_id}`,
      };
    }
  }

  async close(): Promise<void> {}
}
