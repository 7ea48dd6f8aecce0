import { hash } from 'node:crypto';
import type { EnrichmentSettings } from '../settings.ts';
import type { Enrichment } from '../types.ts';

/** Behind each name and each value. */
const SEPARATOR = '\u001f';

/** A hash of the event's parameters in order of their names: equal for repeats of one event. */
export function fingerprint({ fingerprintAlgorithm, fingerprintExclude }: EnrichmentSettings): Enrichment {
  const algorithm = fingerprintAlgorithm.toLowerCase();
  const exclude = new Set(fingerprintExclude);
  return ({ event, parameters }) => {
    const names = [...parameters.keys()].filter((name) => !exclude.has(name)).sort();
    let text = '';
    for (const name of names) text += name + SEPARATOR + parameters.get(name) + SEPARATOR;
    event.event_fingerprint = hash(algorithm, text, 'hex');
    return undefined;
  };
}
