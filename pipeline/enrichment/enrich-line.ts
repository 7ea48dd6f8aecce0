import { stringifyJson } from '../contracts/json.ts';
import type { FailureError } from '../contracts/messages.ts';
import { createEnrichment, type Enrich } from './enrich.ts';
import { boundedText, parseRaw } from './raw-record.ts';
import { WRAPPER_SCHEMAS } from './self-describing.ts';
import type { EnrichmentSettings } from './settings.ts';
import type { EnrichedEvent, Entity } from './types.ts';

/** What one line of text gave: whole lines of JSON in the order of its events, and what to count. */
export interface EnrichedLine {
  readonly class: 'tracker' | 'refused' | 'ignored' | 'malformed';
  readonly output: readonly string[];
  readonly events: number;
  readonly failures: number;
}

const NOTHING: readonly string[] = [];

/**
 * Makes the function behind `clickproof enrich`: a line of the access log, or Filebeat's envelope around one, becomes
 * `{"request_id","index","event"}` or `{"request_id","index","failed"}`, one line of JSON each. Lines that
 * are no tracker requests, and refused ones, give none.
 */
export function lineEnricher(
  settings?: EnrichmentSettings,
  enrich: Enrich = createEnrichment(settings),
): (text: string, offset?: number) => EnrichedLine {
  return (text, offset) => {
    const raw = parseRaw(text);
    if ('error' in raw) return malformedLine(raw.error, text);
    // Without a record there is no time of receipt: the envelope's or the request's own time makes a repeat give the same.
    const receivedAt = raw.shippedAt ?? Number(raw.line.msec) * 1000;
    const result = enrich(raw.line, { receivedAt, offset: raw.log.offset ?? offset });
    if (result.class !== 'tracker') return { class: result.class, output: NOTHING, events: 0, failures: 0 };
    const { requestId, events, failures } = result;
    const output = [
      ...events.map((event) => ({ index: event.index, record: { event: canonical(event) } })),
      ...failures.map(({ index, type, errors, parameters }) => ({
        index,
        record: { failed: { type, errors, parameters: parameters && Object.fromEntries(parameters) } },
      })),
    ]
      .sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
      .map(({ index, record }) => stringifyJson({ request_id: requestId, index, ...record }));
    return { class: 'tracker', output, events: events.length, failures: failures.length };
  };
}

/** A line that cannot be read: nobody knows which request it was. */
export function malformedLine(error: FailureError, text: string): EnrichedLine {
  const failed = { type: 'line_format', errors: [error], payload: boundedText(text) };
  const output = [stringifyJson({ request_id: null, index: null, failed })];
  return { class: 'malformed', output, events: 0, failures: 1 };
}

/** The event with its entities in their wrappers; no contexts are an empty object. */
function canonical({ event, contexts, derivedContexts, unstructEvent }: EnrichedEvent): object {
  return {
    ...event,
    contexts: wrapped(contexts),
    derived_contexts: wrapped(derivedContexts),
    ...(unstructEvent && {
      unstruct_event: { schema: WRAPPER_SCHEMAS.unstruct_event, data: selfDescribing(unstructEvent) },
    }),
  };
}

function wrapped(entities: readonly Entity[]): object {
  return entities.length === 0
    ? {}
    : { schema: WRAPPER_SCHEMAS.contexts, data: entities.map(selfDescribing) };
}

function selfDescribing({ schema, data }: Entity): object {
  return { schema, data };
}
