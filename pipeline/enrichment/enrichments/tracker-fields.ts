import { missingEventId } from '../../contracts/ids.ts';
import type { FailureError } from '../../contracts/messages.ts';
import { TRACKER_PARAMETERS } from '../tracker-parameters.ts';
import { TRANSFORMS } from '../transforms.ts';
import type { Enrichment } from '../types.ts';

/** Each parameter of the tracker protocol becomes the field it stands for. */
export const trackerFields: Enrichment = (draft) => {
  let errors: FailureError[] | undefined;
  for (const { parameter, fields, transform } of TRACKER_PARAMETERS) {
    const text = draft.parameters.get(parameter);
    if (text === undefined) continue;
    const result = TRANSFORMS[transform](text);
    if ('values' in result) {
      for (let i = 0; i < fields.length; i++) draft.event[fields[i]!] = result.values[i];
    } else if ('json' in result) {
      if (fields[0] === 'contexts') draft.rawContexts = result.json;
      else draft.rawEvent = result.json;
    } else {
      errors ??= [];
      errors.push({ code: result.refusal.code, field: parameter, message: result.refusal.message });
    }
  }
  if (!draft.parameters.has('e')) {
    errors ??= [];
    errors.push({ code: 'missing_parameter', field: 'e', message: 'names the type of the event' });
  }
  if (draft.event.v_collector === undefined) {
    errors ??= [];
    errors.push({ code: 'missing_value', field: 'v_collector', message: 'cv must not be empty' });
  }
  draft.event.event_id ??= missingEventId(draft.requestId, draft.index);
  return errors;
};
