import type { FailureError } from '../../contracts/messages.ts';
import { readEntity, unwrap } from '../self-describing.ts';
import type { EnrichmentSettings } from '../settings.ts';
import type { Enrichment, Entity } from '../types.ts';

/** The self-describing event and the contexts that the tracker sent, checked. */
export function entities({ unknownSchemas }: EnrichmentSettings): Enrichment {
  return (draft) => {
    const errors: FailureError[] = [];
    if (draft.rawContexts !== undefined) {
      const outer = unwrap(draft.rawContexts, 'contexts');
      if ('error' in outer) errors.push(outer.error);
      else if (!Array.isArray(outer.data) || outer.data.length === 0) {
        errors.push({
          code: 'invalid_contexts',
          field: 'contexts',
          message: 'not a list of at least one context',
        });
      } else {
        const contexts: Entity[] = [];
        for (const item of outer.data) {
          const read = readEntity(item, 'contexts', unknownSchemas);
          if ('entity' in read) contexts.push(read.entity);
          else if (errors.length < MOST_ERRORS) errors.push(...read.errors);
        }
        draft.contexts = contexts;
      }
    }
    if (draft.rawEvent !== undefined) {
      const outer = unwrap(draft.rawEvent, 'unstruct_event');
      if ('error' in outer) errors.push(outer.error);
      else {
        const read = readEntity(outer.data, 'unstruct_event', unknownSchemas);
        if ('entity' in read) draft.unstructEvent = read.entity;
        else errors.push(...read.errors);
      }
    }
    return errors.length > 0 ? errors : undefined;
  };
}

/** Enough to see what is wrong with a list of a thousand bad contexts. */
const MOST_ERRORS = 50;
