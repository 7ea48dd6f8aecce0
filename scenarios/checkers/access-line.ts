import type { AccessLogLine, LineClass } from '../../pipeline/contracts/access-log.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';

/** A line of the access log as the checker reads it. */
export interface LineView {
  readonly kind: LineClass;
  readonly digest: string;
  readonly marked: boolean;
  readonly line: AccessLogLine;
}

/** Reads a line; undefined where it is no access-log line. */
export function viewLine(text: string, mark: string): LineView | undefined {
  let line: AccessLogLine;
  try {
    line = JSON.parse(text) as AccessLogLine;
  } catch {
    return undefined;
  }
  if (typeof line?.query_string !== 'string' || typeof line.request_body !== 'string') return undefined;
  return {
    kind: classOf(line),
    digest: requestDigest(line.query_string, line.request_body),
    marked: line.query_string.includes(mark) || line.request_body.includes(mark),
    line,
  };
}

const TRACKER_PATH = /^\/(i|ice\.png|r\/[^/]+|[^/]+\/[^/]+)$/;

/** What the line is, told from the contract: path, method and status alone. */
function classOf(line: AccessLogLine): LineClass {
  const { uri, method, status } = line;
  const isTracker = TRACKER_PATH.test(uri) && (method === 'GET' || method === 'POST' || method === undefined);
  if (!isTracker || (method === 'POST' && (uri === '/i' || uri === '/ice.png'))) return 'ignored';
  return status.startsWith('2') || status.startsWith('3') ? 'tracker' : 'refused';
}
