import type { PlannedRequest } from '../request.ts';

/** For tests: a request as a plan has it, one page view unless told otherwise. */
export function plannedRequest(part: Partial<PlannedRequest> = {}): PlannedRequest {
  return {
    request: 0,
    due: 0,
    kind: 'visitor',
    browser: null,
    method: 'GET',
    target: '/i?e=pv',
    headers: [],
    body: null,
    expect: 'processed',
    events: 1,
    ...part,
  };
}
