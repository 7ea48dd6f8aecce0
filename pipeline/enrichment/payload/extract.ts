import type { AccessLogLine } from '../../contracts/access-log.ts';
import type { Endpoint } from '../classify.ts';
import { parseQueryString } from '../query-string.ts';
import { isUuid } from '../transforms.ts';
import { igluParameters } from './iglu.ts';
import { type Payload, refusePayload } from './payload.ts';
import { postedParameters } from './post.ts';
import { redirectParameters } from './redirect.ts';

/** Finds the events in a tracker request, each on its own: a bad one does not spoil its neighbours. */
export function extractPayload(line: AccessLogLine, method: 'GET' | 'POST', endpoint: Endpoint): Payload {
  if (line.network_userid && !isUuid(line.network_userid)) {
    return refusePayload('invalid_uuid', 'network_userid', 'not a UUID');
  }
  const pairs = parseQueryString(line.query_string);
  if (!pairs) return refusePayload('invalid_query_string', 'query_string', 'a percent sign begins no escape');
  const query = new Map<string, string>();
  for (const [name, value] of pairs) if (value !== null) query.set(name, value);

  if (endpoint.kind === 'redirect') return redirectParameters(query);
  const { vendor, version } = endpoint;
  if (vendor === 'com.snowplowanalytics.iglu' && version === 'v1') return igluParameters(query);
  if (vendor !== 'com.snowplowanalytics.snowplow' || (version !== 'tp1' && version !== 'tp2')) {
    return refusePayload('unsupported_vendor', 'uri', `${vendor}/${version} is not supported`);
  }
  if (method === 'POST') return postedParameters(line, query);
  if (pairs.length === 0) return refusePayload('empty_query_string', 'query_string', 'no parameters');
  return { events: [{ parameters: query }] };
}
