import { hash } from 'node:crypto';
import {
  type AccessLogLine,
  type LineClass,
  REQUIRED_ACCESS_LOG_FIELDS,
} from '../../pipeline/contracts/access-log.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { ContentHash } from './content.ts';

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
  if (typeof line !== 'object' || line === null) return undefined;
  for (const name of REQUIRED_ACCESS_LOG_FIELDS) if (typeof line[name] !== 'string') return undefined;
  return {
    kind: classOf(line),
    digest: requestDigest(line.query_string, line.request_body),
    marked: line.query_string.includes(mark) || line.request_body.includes(mark),
    line,
  };
}

const PIXEL_PATH = /^\/(?:i|ice\.png)$/;
const VENDOR_PATH = /^\/(?!micro\/)[\w.-]+\/[\w.-]+\/?$/;

/** What the line is, told from the contract: path, method and status alone. */
function classOf({ uri, method, status, request_body: body }: AccessLogLine): LineClass {
  // Lines with the required fields alone do not say the method.
  const how = method || (body === '' ? 'GET' : 'POST');
  const known = how === 'GET' ? PIXEL_PATH.test(uri) || VENDOR_PATH.test(uri) : VENDOR_PATH.test(uri);
  if (!known || (how !== 'GET' && (how !== 'POST' || uri === '/r/tp2'))) return 'ignored';
  return /^[23]\d\d$/.test(status) ? 'tracker' : 'refused';
}

/** Hash of a line as it stands: no hop may change it. 16 characters. */
export function lineContent(text: string): string {
  return hash('sha1', text, 'base64url').slice(0, 16);
}

/** What the ledger knows of a line besides its digest, by log field. */
const KNOWN_FIELDS = [
  'method',
  'uri',
  'user_agent',
  'referer',
  'accept_language',
  'content_type',
  'origin',
  'network_userid',
] as const;

const lineHash = new ContentHash();

/** Hashes of the fields that can be compared with the ledger. */
export function lineFields(line: AccessLogLine): Uint32Array {
  const fields: FlatMessage = {};
  for (const name of KNOWN_FIELDS) if (line[name]) fields[name] = line[name];
  return lineHash.of(fields).fields;
}

/** Hashes of those of them that the ledger states of a request, by what it expects of the request's events. */
export function statedOfLine(
  events: readonly { readonly fields: FlatMessage }[],
  networkUserId?: string,
): Uint32Array {
  const stated: FlatMessage = {};
  const fields = events.find((event) => event.fields['request-uri'] !== undefined)?.fields;
  for (const name of KNOWN_FIELDS) {
    const value = fields?.[`request-${name}`];
    if (value !== undefined) stated[name] = value;
  }
  if (networkUserId !== undefined) stated.network_userid = networkUserId;
  return lineHash.of(stated).fields;
}
