import { formatInstant } from '../transforms.ts';
import type { AtomicEvent, Enrichment } from '../types.ts';

/**
 * When the event happened: the true timestamp where the tracker knows it, else the collector's clock less the time that the
 * event waited on the device, which needs no right device clock.
 */
export const derivedTimestamp: Enrichment = ({ event }) => {
  event.derived_tstamp = event.true_tstamp ?? derive(event);
  return undefined;
};

function derive({
  collector_tstamp: collector,
  dvce_created_tstamp: created,
  dvce_sent_tstamp: sent,
}: AtomicEvent): string | undefined {
  if (typeof collector !== 'string') return undefined;
  if (typeof created !== 'string' || typeof sent !== 'string') return collector;
  const waited = Date.parse(sent) - Date.parse(created);
  return waited < 0 ? collector : formatInstant(Date.parse(collector) - waited);
}
