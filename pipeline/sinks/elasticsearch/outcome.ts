/** What Elasticsearch says of one item of a bulk request that it did not do. */
export interface ItemError {
  readonly type: string;
  readonly reason: string;
}

/** What became of one write. */
export type Outcome =
  | { readonly kind: 'written' }
  /** `create`: the id is taken. `index` under a condition: the document has changed. */
  | { readonly kind: 'conflict' }
  /** This document cannot be indexed, whoever sends it and when. */
  | { readonly kind: 'refused'; readonly error: ItemError };

/** What to do about an item of a bulk's answer. */
export type Verdict =
  | Outcome
  /** Overload, a shard that is moving, anything unknown: the same again later. */
  | { readonly kind: 'again'; readonly error: ItemError }
  /** The index is not there. */
  | { readonly kind: 'missing'; readonly error: ItemError }
  /** Somebody has closed the index or blocked writing to it. */
  | { readonly kind: 'blocked'; readonly error: ItemError };

/** An item of the answer, as far as it is asked for. */
export interface AnswerItem {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

/** 400s that are no fault of the document. */
const NOT_THE_DOCUMENT = new Set(['validation_exception', 'invalid_index_name_exception']);

export function verdictOf({ status, error = {} }: AnswerItem): Verdict {
  if (status < 300) return { kind: 'written' };
  const type = error.type ?? `status_${status}`;
  const reasons = [error.reason, error.caused_by?.reason].filter((reason) => reason !== undefined);
  const problem: ItemError = { type, reason: reasons.join(': ').slice(0, 1_000).toWellFormed() };
  if (status === 409) return { kind: 'conflict' };
  if (type === 'index_not_found_exception') return { kind: 'missing', error: problem };
  // A full disk blocks too, but with a 429: that passes.
  if (type === 'index_closed_exception' || (type === 'cluster_block_exception' && status === 403)) {
    return { kind: 'blocked', error: problem };
  }
  if (status === 400 && !NOT_THE_DOCUMENT.has(type)) return { kind: 'refused', error: problem };
  return { kind: 'again', error: problem };
}
