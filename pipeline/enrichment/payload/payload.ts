import type { FailureError } from '../../contracts/messages.ts';
import type { Parameters } from '../types.ts';

/** One event of a payload as it was sent: its parameters, or why they are none. */
export type Sent =
  | { readonly parameters: Parameters; readonly errors?: undefined }
  | { readonly parameters: Parameters | null; readonly errors: readonly FailureError[] };

/** The events of a payload, or why it is refused whole. */
export type Payload =
  | { readonly events: readonly Sent[]; readonly errors?: undefined }
  | { readonly errors: readonly FailureError[] };

export function refusePayload(code: string, field: string, message: string): Payload {
  return { errors: [{ code, field, message }] };
}
