import type { FailedMessage } from '../contracts/messages.ts';
import type { Remainder } from './lines.ts';
import { decodeUtf8 } from './utf8.ts';

/** Up to this size a torn line is kept as a whole. */
const KEPT_WHOLE_BYTES = 65_536;

/** Where in the access log something was found that cannot be shipped as a line. */
export interface Place {
  readonly path: string;
  readonly offset: number;
  /** When it was read: Unix time, ms. */
  readonly time: number;
}

/** A line beyond the size limit, as its head, hash and place. */
export function sizeViolation(place: Place, line: Remainder, limit: string): FailedMessage {
  return failed('size_violation', place, line, {
    code: 'line_too_large',
    message: `a line of ${line.bytes} bytes; at most ${limit} are possible for a request within the limits`,
  });
}

/** The end of a rotated file, which will get no newline any more. */
export function tornLine(place: Place, rest: Remainder): FailedMessage {
  return failed('torn_line', place, rest, {
    code: 'unterminated_line',
    message: `the file ends with ${rest.bytes} bytes without a newline: its writer died in mid-line`,
  });
}

function failed(
  type: 'size_violation' | 'torn_line',
  { path, offset, time }: Place,
  bytes: Remainder,
  error: { code: string; message: string },
): FailedMessage {
  const whole = bytes.whole !== null && bytes.whole.length <= KEPT_WHOLE_BYTES ? bytes.whole : null;
  return {
    failure: { type, stage: 'shipper', errors: [error], timestamp: new Date(time).toISOString() },
    payload: {
      path,
      offset,
      bytes: bytes.bytes,
      sha256: bytes.sha256,
      ...(whole ? { line: decodeUtf8(whole) } : { head: decodeUtf8(bytes.head) }),
    },
    // It never became a record; the source is the file itself.
    source: { topic: path, partition: 0, offset },
  };
}
