import type { FilebeatEnvelope } from '../../pipeline/contracts/envelope.ts';
import { parseJson } from '../../pipeline/contracts/json.ts';
import { accessLogLines, type StartPositions } from '../readers/access-log-reader.ts';
import { recordPlace, type TopicReader } from '../readers/topic-reader.ts';

/** A line at one of the hops that carry lines. */
export interface PlacedLine {
  readonly text: string;
  /** For people, and to find it again: `access.log@1834`, `tracking_raw 2@17`. */
  readonly where: string;
  /** In the raw topic: the record's key and partition. */
  readonly key: Buffer | null;
  readonly partition: number;
}

/** A hop that carries lines of the access log. */
export interface LineHop {
  readonly name: string;
  lines(): AsyncIterable<PlacedLine>;
}

/** The access log itself. */
export function accessLogHop(liveFile: string, from?: StartPositions): LineHop {
  return {
    name: 'access log',
    async *lines() {
      for await (const { path, offset, text } of accessLogLines(liveFile, from ? { from } : {})) {
        yield { text, where: `${path}@${offset}`, key: null, partition: 0 };
      }
    },
  };
}

/** The raw topic. */
export function rawTopicHop(topics: TopicReader, topic: string): LineHop {
  return {
    name: topic,
    async *lines() {
      for await (const record of topics.records(topic)) {
        const { key, partition, value } = record;
        yield { text: lineOf(value), where: recordPlace(topic, record), key, partition };
      }
    },
  };
}

/** The line in an envelope; a bare line as it is. */
function lineOf(value: Buffer | null): string {
  const text = value?.toString() ?? '';
  try {
    const envelope = parseJson(text) as Partial<FilebeatEnvelope> | null;
    return typeof envelope?.message === 'string' ? envelope.message : text;
  } catch {
    return text;
  }
}
