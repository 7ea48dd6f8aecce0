import type { AccessLogLine } from '../../pipeline/contracts/access-log.ts';
import { createEnrichment, type LineResult, lineEnricher } from '../../pipeline/enrichment/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import { AccessLines, LINES_PER_USER_AGENT } from '../samples/access-lines.ts';
import { recordedGets } from '../samples/recording.ts';

export interface EnrichmentTask {
  readonly what: 'enrich' | 'enrich-cold' | 'enrich-text' | 'parse';
  readonly lines: number;
}

const RECEIVED_AT = 1_795_451_870_000;

const eventsOf = (result: LineResult): number => (result.class === 'tracker' ? result.events.length : 0);

/** Far above what the warm lines will ever come to. */
const COLD_USER_AGENTS = 1e9;

/**
 * The enrichment on lines it has never seen: the pure function, a line's fields in, an event out; as `clickproof enrich` applies it,
 * text in, text out; and JSON.parse on such lines.
 */
export async function enrichmentSubject(): Promise<Subject<EnrichmentTask, Measured & { bytes: number }>> {
  const recorded = await recordedGets();
  const warm = new AccessLines(recorded, LINES_PER_USER_AGENT);
  const cold = new AccessLines(recorded, 1, COLD_USER_AGENTS);
  const enrich = createEnrichment();
  const enrichText = lineEnricher();
  return {
    run({ what, lines: count }) {
      const lines = (what === 'enrich-cold' ? cold : warm).take(count);
      const pure = what === 'enrich' || what === 'enrich-cold';
      const fields: AccessLogLine[] = pure ? lines.map((line) => JSON.parse(line)) : [];
      let done = 0;
      const began = performance.now();
      if (what === 'parse') for (const line of lines) done += JSON.parse(line).scheme === 'http' ? 1 : 0;
      else if (what === 'enrich-text') for (const line of lines) done += enrichText(line).events;
      else for (const line of fields) done += eventsOf(enrich(line, { receivedAt: RECEIVED_AT, offset: 0 }));
      const seconds = (performance.now() - began) / 1000;
      if (done !== count) throw new Error(`${done} events of ${count} lines`);
      return { count, seconds, bytes: lines.reduce((sum, line) => sum + line.length, 0) };
    },
  };
}
