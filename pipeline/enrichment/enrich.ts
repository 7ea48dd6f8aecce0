import type { AccessLogLine } from '../contracts/access-log.ts';
import { deriveId } from '../contracts/ids.ts';
import type { FailureError, FailureType } from '../contracts/messages.ts';
import { uapCoreRules } from '../resources/uap-core.ts';
import { classify } from './classify.ts';
import { anonymiseIp } from './enrichments/anonymise-ip.ts';
import { campaign, crossDomain } from './enrichments/campaign.ts';
import { derivedTimestamp } from './enrichments/derived-timestamp.ts';
import { entities } from './enrichments/entities.ts';
import { eventSchema } from './enrichments/event-schema.ts';
import { fingerprint } from './enrichments/fingerprint.ts';
import { lengths } from './enrichments/lengths.ts';
import { referrer } from './enrichments/referrer.ts';
import { requestFields } from './enrichments/request-fields.ts';
import { trackerFields } from './enrichments/tracker-fields.ts';
import { pageUrl, referrerUrl } from './enrichments/urls.ts';
import { userAgent } from './enrichments/user-agent.ts';
import { extractPayload } from './payload/extract.ts';
import type { Sent } from './payload/payload.ts';
import { type EnrichmentSettings, enrichmentSettings } from './settings.ts';
import type {
  Draft,
  EnrichedEvent,
  Enrichment,
  EventFailure,
  LineContext,
  LineResult,
  Parameters,
  Resources,
} from './types.ts';
import { userAgentParser } from './user-agent/parser.ts';

/** Steps that all run; the next phase begins only when none of them failed. */
interface Phase {
  readonly failure: FailureType;
  readonly steps: readonly Enrichment[];
}

/** The enrichments in their order. A new one is one more file and one more line here. */
function phases(settings: EnrichmentSettings, resources: Resources): readonly Phase[] {
  return [
    { failure: 'enrichment', steps: [requestFields(settings), trackerFields] },
    { failure: 'schema_violation', steps: [entities(settings)] },
    {
      failure: 'enrichment',
      steps: [
        pageUrl,
        referrerUrl,
        derivedTimestamp,
        eventSchema,
        referrer(settings),
        campaign(settings),
        crossDomain,
        userAgent(resources),
        fingerprint(settings),
        anonymiseIp(settings),
      ],
    },
    { failure: 'enrichment', steps: [lengths] },
  ];
}

/** Turns one line of the access log into what it means. Pure: the same line and context give the same result. */
export type Enrich = (line: AccessLogLine, context: LineContext) => LineResult;

/**
 * Makes the enrichment.
 *
 * @example
 * const enrich = createEnrichment();
 * const result = enrich(line, { receivedAt: record.timestamp });
 * if (result.class === 'tracker') for (const { event } of result.events) console.log(event.page_url);
 */
export function createEnrichment(
  settings: EnrichmentSettings = enrichmentSettings.parse({}),
  resources: Resources = { parseUserAgent: userAgentParser(uapCoreRules(), settings.userAgentCacheSize) },
): Enrich {
  const steps = phases(settings, resources);

  return (line, context) => {
    const classified = classify(line);
    if (classified.class !== 'tracker') return classified;
    const requestId = line.request_id || deriveId('line', JSON.stringify(line), context.offset ?? '');
    const payload = extractPayload(line, classified.method, classified.endpoint);
    if (payload.errors) {
      const failure = {
        index: null,
        type: 'tracker_protocol',
        errors: payload.errors,
        parameters: null,
      } as const;
      return { class: 'tracker', requestId, events: [], failures: [failure] };
    }
    const events: EnrichedEvent[] = [];
    const failures: EventFailure[] = [];
    payload.events.forEach((sent, index) => {
      const outcome = enrichOne(steps, sent, index, line, requestId, context);
      if ('event' in outcome) events.push(outcome);
      else failures.push(outcome);
    });
    return { class: 'tracker', requestId, events, failures };
  };
}

function enrichOne(
  steps: readonly Phase[],
  sent: Sent,
  index: number,
  line: AccessLogLine,
  requestId: string,
  { receivedAt }: LineContext,
): EnrichedEvent | EventFailure {
  if (sent.errors)
    return { index, type: 'tracker_protocol', errors: sent.errors, parameters: sent.parameters };
  const draft = newDraft(line, receivedAt, requestId, index, sent.parameters);
  for (const phase of steps) {
    const errors = run(phase.steps, draft);
    if (errors) return { index, type: phase.failure, errors, parameters: sent.parameters };
  }
  return {
    index,
    parameters: sent.parameters,
    event: draft.event as EnrichedEvent['event'],
    contexts: draft.contexts,
    derivedContexts: draft.derivedContexts,
    unstructEvent: draft.unstructEvent,
  };
}

function run(steps: readonly Enrichment[], draft: Draft): readonly FailureError[] | undefined {
  let all: FailureError[] | undefined;
  for (const step of steps) {
    const errors = step(draft);
    if (errors) all = all ? [...all, ...errors] : [...errors];
  }
  return all;
}

function newDraft(
  line: AccessLogLine,
  receivedAt: number,
  requestId: string,
  index: number,
  parameters: Parameters,
): Draft {
  return {
    line,
    receivedAt,
    requestId,
    index,
    parameters,
    event: {},
    contexts: [],
    unstructEvent: null,
    derivedContexts: [],
    pageUrl: null,
    referrerUrl: null,
  };
}
