import { lineEnricher } from '../../pipeline/enrichment/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import { AccessLines, LINES_PER_USER_AGENT } from '../samples/access-lines.ts';
import { recordedGets } from '../samples/recording.ts';

export interface EnrichmentTask {
  readonly what: 'enrich' | 'enrich-cold' | 'parse';
  readonly lines: number;
}

/** Far above what the warm lines will ever come to. */
const COLD_USER_AGENTS = 1e9;

/** The enrichment as `clickproof enrich` applies it, text in, text out, on lines it has never seen; and JSON.parse on such lines. */
export async function enrichmentSubject(): Promise<Subject<EnrichmentTask, Measured & { bytes: number }>> {
  const recorded = await recordedGets();
  const warm = new AccessLines(recorded, LINES_PER_USER_AGENT);
  const cold = new AccessLines(recorded, 1, COLD_USER_AGENTS);
  const enrich = lineEnricher();
  return {
    run({ what, lines: count }) {
      const lines = (what === 'enrich-cold' ? cold : warm).take(count);
      let done = 0;
      const began = performance.now();
      if (what === 'parse') for (const line of lines) done += JSON.parse(line).scheme === 'http' ? 1 : 0;
      else for (const line of lines) done += enrich(line).events;
      const seconds = (performance.now() - began) / 1000;
      if (done !== count) throw new Error(`${done} events of ${count} lines`);
      return { count, seconds, bytes: lines.reduce((sum, line) => sum + line.length, 0) };
    },
  };
}
