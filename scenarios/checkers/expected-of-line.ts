import type { AccessLogLine } from '../../pipeline/contracts/access-log.ts';
import {
  DEFAULT_ORACLE_SETTINGS,
  expectRequest,
  type OracleSettings,
  type RequestVerdict,
} from '../../simulator/oracle/index.ts';
import type { Header } from '../../simulator/plan/request.ts';

const HEADERS = [
  ['user-agent', 'user_agent'],
  ['referer', 'referer'],
  ['accept-language', 'accept_language'],
  ['content-type', 'content_type'],
  ['origin', 'origin'],
  ['cookie', 'cookies'],
  ['x-forwarded-for', 'x_forwarded_for'],
  ['sp-anonymous', 'sp_anonymous'],
] as const;

/**
 * What should become of a line of the access log, whoever wrote it: the oracle's answer for the request that the line tells of. For
 * lines that are not as anybody sent them, so that what the stages make of such a line is no second fault.
 */
export function expectedOfLine(line: AccessLogLine, settings: Partial<OracleSettings> = {}): RequestVerdict {
  const query = line.query_string === '' ? '' : `?${Buffer.from(line.query_string).toString('latin1')}`;
  const headers: Header[] = [];
  for (const [header, field] of HEADERS) {
    if (line[field]) headers.push([header, Buffer.from(line[field]).toString('latin1')]);
  }
  return expectRequest(
    {
      method: line.method || (line.request_body === '' ? 'GET' : 'POST'),
      target: line.uri + query,
      headers,
      body: line.request_body === '' ? null : line.request_body,
    },
    {
      ...DEFAULT_ORACLE_SETTINGS,
      ...settings,
      // The collector has already decided what it takes.
      rawBytesInTarget: true,
      uriCharacters: Number.POSITIVE_INFINITY,
      bodyBytes: Number.POSITIVE_INFINITY,
      clientAddress: line.remote_addr || null,
    },
  );
}
