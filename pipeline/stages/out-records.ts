import { hash } from 'node:crypto';
import { ClickproofError } from '../contracts/errors.ts';
import { stringifyJson } from '../contracts/json.ts';
import type { FailedMessage } from '../contracts/messages.ts';
import { keptKey, murmur2Partition } from '../contracts/partitioning.ts';
import { ByteWriter } from '../json-text/byte-writer.ts';
import type { OutRecord } from '../log/port.ts';
import type { RecordTooLarge } from '../log/record-too-large.ts';
import { failedMessage, type SourceRecord } from './stage-function.ts';

/** A topic to write to. */
export interface OutTopic {
  readonly name: string;
  readonly partitions: number;
}

/** How much of what was too large is kept, characters. */
const HEAD_CHARACTERS = 2_048;
/** No topic that refuses even this is of use. */
const SMALLEST_LIMIT = 16_384;
const MAX_ERRORS_KEPT = 20;
const MAX_ERROR_CHARACTERS = 500;

/** Makes a stage's records: partition by key, timestamp of the source, nothing larger than the topics take. */
export class OutRecords {
  readonly #stage: string;
  readonly #output: OutTopic;
  readonly #failed: OutTopic;
  /** Largest value by topic, bytes. */
  readonly #limits: Map<string, number>;
  readonly #writer = new ByteWriter();

  constructor(stage: string, output: OutTopic, failed: OutTopic, maxRecordBytes: number) {
    this.#stage = stage;
    this.#output = output;
    this.#failed = failed;
    this.#limits = new Map([
      [output.name, maxRecordBytes],
      [failed.name, maxRecordBytes],
    ]);
  }

  get failedTopic(): string {
    return this.#failed.name;
  }

  /** A message for the next topic, as JSON text or still to be written so; when it is too large for it, its failure. */
  output(source: SourceRecord, key: Buffer | null, message: object | Buffer): OutRecord {
    const value = Buffer.isBuffer(message) ? message : this.#written(stringifyJson(message));
    const limit = this.#limits.get(this.#output.name)!;
    if (value.length <= limit) return record(this.#output, source, key, value);
    const failure = failedMessage(source, {
      type: 'size_violation',
      stage: this.#stage,
      errors: [{ code: 'record_too_large', message: `${value.length} bytes, at most ${limit}` }],
      payload: headAndHash(value.toString(), value),
    });
    return this.failure(source, failure);
  }

  #written(text: string): Buffer {
    this.#writer.begin();
    this.#writer.text(text);
    return this.#writer.take();
  }

  failure(source: SourceRecord, failed: FailedMessage): OutRecord {
    const value = Buffer.from(stringifyJson(failed));
    if (value.length <= this.#limits.get(this.#failed.name)!)
      return record(this.#failed, source, source.key, value);
    const text = typeof failed.payload === 'string' ? failed.payload : stringifyJson(failed.payload);
    const errors = failed.failure.errors.slice(0, MAX_ERRORS_KEPT).map((error) => ({
      ...error,
      message: error.message.slice(0, MAX_ERROR_CHARACTERS).toWellFormed(),
    }));
    const small = {
      ...failed,
      failure: { ...failed.failure, errors },
      payload: headAndHash(text, Buffer.from(text)),
    };
    return record(this.#failed, source, source.key, Buffer.from(stringifyJson(small)));
  }

  /**
   * A topic refused a record as too large: its limit is lower than the settings say. Learns the limit, so that the same
   * records come out smaller when they are claimed again.
   *
   * @throws ClickproofError REFUSED when there is nothing left to shrink
   */
  learnLimit({ topic, bytes }: RecordTooLarge): void {
    const known = this.#limits.get(topic) ?? 0;
    if (bytes < SMALLEST_LIMIT || bytes > known) {
      throw new ClickproofError('REFUSED', `topic ${topic} refuses a record of ${bytes} bytes as too large`, {
        remedy: `raise the topic's largest record to at least ${4 * SMALLEST_LIMIT} bytes`,
      });
    }
    this.#limits.set(topic, bytes - 1);
  }
}

function record(topic: OutTopic, source: SourceRecord, key: Buffer | null, value: Buffer): OutRecord {
  const partition = key ? murmur2Partition(key, topic.partitions) : source.partition % topic.partitions;
  return { topic: topic.name, partition, key: key && keptKey(key), value, timestamp: source.timestamp };
}

/** What is kept of what is too large to be kept. */
export function headAndHash(text: string, bytes: Buffer) {
  return {
    head: text.slice(0, HEAD_CHARACTERS).toWellFormed(),
    bytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
  };
}
