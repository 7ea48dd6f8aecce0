import type { FailureError } from '../../contracts/messages.ts';
import { ATOMIC_LENGTHS } from '../atomic-lengths.ts';
import type { Enrichment } from '../types.ts';

/** Refuses what the columns of the atomic table do not hold. The last step: it sees every field. */
export const lengths: Enrichment = ({ event }) => {
  let errors: FailureError[] | undefined;
  for (const field in event) {
    const value = event[field];
    if (typeof value !== 'string') continue;
    const longest = ATOMIC_LENGTHS.get(field);
    if (longest === undefined || value.length <= longest) continue;
    errors ??= [];
    errors.push({ code: 'too_long', field, message: `longer than ${longest}` });
  }
  return errors;
};
