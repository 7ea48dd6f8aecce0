import type { AccessLogLine } from '../contracts/access-log.ts';
import type { ExactJson } from '../contracts/json.ts';
import type { FailedMessage, FailureError, FailureType } from '../contracts/messages.ts';
import type { LineOrigin, RecordPosition } from './processed.ts';
import { requestValues } from './processed.ts';
import { boundedText } from './raw-record.ts';
import type { EventFailure } from './types.ts';

const STAGE = 'parser';
/** The most that the copies of one body may come to, in UTF-16 units: each failed event of a batch has one, within this limit. */
const MOST_COPIED = 4_194_304;

/** The message of `tracking_failed` for an event, or for a payload that was refused whole. */
export function toFailed(
  failure: EventFailure,
  requestId: string,
  { record, line, outcomes }: LineOrigin,
): FailedMessage {
  const payload = {
    request_id: requestId,
    index: failure.index,
    parameters: failure.parameters && Object.fromEntries(failure.parameters),
    line: lineOf(line, line.request_body.length * outcomes.failures <= MOST_COPIED),
  };
  return message(failure.type, failure.errors, payload, record);
}

/** The message of `tracking_failed` for a record that is no line of an access log. */
export function malformed(error: FailureError, text: string, record: RecordPosition): FailedMessage {
  return message('line_format', [error], boundedText(text), record);
}

function lineOf(line: AccessLogLine, withBody: boolean): ExactJson {
  return Object.fromEntries(requestValues(line, withBody).map(({ name, value }) => [name, value]));
}

function message(
  type: FailureType,
  errors: readonly FailureError[],
  payload: ExactJson,
  { topic, partition, offset, timestamp }: RecordPosition,
): FailedMessage {
  return {
    failure: { type, stage: STAGE, errors: [...errors], timestamp: isoTime(timestamp) },
    payload,
    source: { topic, partition, offset },
  };
}

/** A record without a valid time is as old as can be. */
function isoTime(timestamp: number): string {
  return new Date(Math.abs(timestamp) <= 8.64e15 ? timestamp : 0).toISOString();
}
