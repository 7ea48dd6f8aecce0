import { parseJson } from '../../contracts/json.ts';
import type { FlatMessage } from '../../contracts/messages.ts';
import type { OutRecords } from '../../stages/out-records.ts';
import { failedMessage, type SourceRecord } from '../../stages/stage-function.ts';
import { encodeEvent } from './encode.ts';
import { encodeEventText } from './encode-text.ts';
import type { RowBinaryWriter } from './row-binary.ts';
import type { SinkTable } from './sink-handler.ts';

/** The stage's name in failures. */
export const STAGE = 'clickhouse';

/** Records of `tracking_persisted` as rows of `events`. */
export class EventsTable implements SinkTable {
  readonly #records: OutRecords;

  constructor(records: OutRecords) {
    this.#records = records;
  }

  encode(writer: RowBinaryWriter, record: SourceRecord): void {
    if (record.value !== null && encodeEventText(writer, record.value, record)) return;
    encodeEvent(writer, readMessage(record), record);
  }

  park(record: SourceRecord, error: Error, refused: boolean) {
    const code = refused
      ? `clickhouse_${'code' in error ? String(error.code) : 'error'}`
      : 'not_a_flat_message';
    return this.#records.failure(
      record,
      failedMessage(record, {
        type: refused ? 'sink_refused' : 'message_format',
        stage: STAGE,
        errors: [{ code, message: error.message.slice(0, 1_000).toWellFormed() }],
      }),
    );
  }
}

function readMessage(record: SourceRecord): FlatMessage {
  if (record.value === null) throw new Error('the record has no value');
  const message = parseJson(record.value.toString());
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new Error('not an object of flattened names');
  }
  for (const name in message) {
    const value = message[name]!;
    if (value === null || (typeof value === 'object' && !isFlatList(value))) {
      throw new Error(`${JSON.stringify(name.slice(0, 100))} is no flat value`);
    }
  }
  return message as FlatMessage;
}

function isFlatList(value: object): boolean {
  return Array.isArray(value) && value.every((entry) => entry === null || typeof entry !== 'object');
}
