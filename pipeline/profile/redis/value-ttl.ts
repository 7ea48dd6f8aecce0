import { ClickproofError } from '../../contracts/errors.ts';
import { VISIT_ENDS_AFTER_MS } from '../fold.ts';
import type { ProfileRule } from '../rules.ts';

/**
 * Checks that a value that leaves Redis would have been empty by then: its time to live must exceed what the rules keep it for, and on top
 * of it the retention of the input topic, as so late an event can still come.
 *
 * @param retentionMs undefined: the topic keeps its records for ever
 * @throws ClickproofError REDIS_TTL
 */
export function checkValueTtl(
  ttlMs: number,
  rules: readonly ProfileRule[],
  retentionMs: number | undefined,
): void {
  if (ttlMs === 0) return;
  const refuse = (why: string, remedy: string) =>
    new ClickproofError('REDIS_TTL', `profiles cannot leave Redis after ${ttlMs} ms: ${why}`, { remedy });
  const lasting = rules.find(({ expiry }) => expiry === 'never');
  if (lasting) {
    throw refuse(
      `${lasting.name} is kept for ever`,
      'leave out --redis-value-ttl, or give every profile rule an expiry',
    );
  }
  if (retentionMs === undefined) {
    throw refuse(
      'the input topic keeps its records for ever',
      'leave out --redis-value-ttl, or set --retention',
    );
  }
  const longest = Math.max(
    0,
    ...rules.map(({ expiry }) => (typeof expiry === 'number' ? expiry : VISIT_ENDS_AFTER_MS)),
  );
  if (ttlMs > longest + retentionMs) return;
  throw refuse(
    `the rules keep values for up to ${longest} ms, and events can be ${retentionMs} ms late`,
    `set --redis-value-ttl to more than ${longest + retentionMs}ms`,
  );
}
