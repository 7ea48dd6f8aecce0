import type { ExactJson } from '../../contracts/json.ts';
import { stringifyJson } from '../../contracts/json.ts';
import { readSelfDescribing, WRAPPER_SCHEMAS } from '../self-describing.ts';
import { TRANSFORMS } from '../transforms.ts';
import type { Parameters } from '../types.ts';
import { type Payload, refusePayload } from './payload.ts';

const URI_REDIRECT = 'iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0';

/**
 * `GET /r/tp2?u=…`: a redirect is an event of its own, or, where the link names another event by `e`, a
 * context of that one.
 */
export function redirectParameters(query: Parameters): Payload {
  const uri = query.get('u');
  if (uri === undefined) return refusePayload('missing_parameter', 'u', 'names the target of the redirect');
  const redirect = { schema: URI_REDIRECT, data: { uri } };
  const parameters = new Map([...query, ['tv', 'r-tp2'], ['p', query.get('p') ?? 'web']] as const);
  parameters.delete('u');
  if (!query.has('e')) {
    parameters.set('e', 'ue');
    parameters.set('ue_pr', JSON.stringify({ schema: WRAPPER_SCHEMAS.unstruct_event, data: redirect }));
    return { events: [{ parameters }] };
  }
  const given = givenContexts(query);
  if ('errors' in given) return given;
  parameters.delete('cx');
  parameters.set(
    'co',
    stringifyJson({ schema: WRAPPER_SCHEMAS.contexts, data: [redirect, ...given.contexts] }),
  );
  return { events: [{ parameters }] };
}

function givenContexts(
  query: Parameters,
): { contexts: readonly ExactJson[] } | (Payload & { errors: object }) {
  for (const [name, transform] of [
    ['co', 'json'],
    ['cx', 'base64Json'],
  ] as const) {
    const text = query.get(name);
    if (text === undefined) continue;
    const parsed = TRANSFORMS[transform](text);
    if ('refusal' in parsed) return { errors: [{ ...parsed.refusal, field: name }] };
    const data = 'json' in parsed ? readSelfDescribing(parsed.json)?.data : undefined;
    if (!Array.isArray(data))
      return { errors: [{ code: 'not_self_describing', field: name, message: 'no contexts' }] };
    return { contexts: data };
  }
  return { contexts: [] };
}
