import type { KafkaConnection } from '../../containers/connections.ts';
import { type ExactJson, parseJson } from '../../pipeline/contracts/json.ts';
import { KafkaTopicReader } from '../readers/kafka-topic-reader.ts';
import { recordPlace, type StartOffsets } from '../readers/topic-reader.ts';
import { type DeclaredReader, type DeclaredRecord, shownText } from './reader.ts';
import type { DeclaredKafkaHop } from './settings.ts';
import { valueAt } from './value-at.ts';

/** The committed records of a topic, from where it ended when the run began. */
export class DeclaredKafkaReader implements DeclaredReader {
  readonly name: string;
  readonly fields: readonly string[];
  readonly repeats: DeclaredReader['repeats'];
  readonly #hop: DeclaredKafkaHop;
  readonly #connection: KafkaConnection;
  #from: StartOffsets | undefined;

  constructor(hop: DeclaredKafkaHop, connection: KafkaConnection) {
    this.name = hop.name ?? hop.topic;
    this.fields = Object.keys(hop.fields);
    this.repeats = hop.repeats;
    this.#hop = hop;
    this.#connection = connection;
  }

  async begin(): Promise<void> {
    const reader = await KafkaTopicReader.open(this.#connection, [this.#hop.topic]);
    this.#from = reader.ends();
    await reader.close();
  }

  async *records(): AsyncGenerator<DeclaredRecord> {
    const { topic, id, fields } = this.#hop;
    const reader = await KafkaTopicReader.open(this.#connection, [topic], this.#from);
    try {
      for await (const record of reader.records(topic)) {
        const value = this.#valueOf(record.value);
        yield {
          id: shownText(valueAt(value, id)),
          fields: Object.fromEntries(
            Object.entries(fields).map(([name, path]) => [name, shownText(valueAt(value, path))]),
          ),
          where: recordPlace(topic, record),
        };
      }
    } finally {
      await reader.close();
    }
  }

  async close(): Promise<void> {}

  #valueOf(value: Buffer | null): ExactJson | undefined {
    const text = value?.toString() ?? '';
    if (this.#hop.format === 'tsv') return text.split('\t');
    try {
      return parseJson(text);
    } catch {
      return undefined;
    }
  }
}
