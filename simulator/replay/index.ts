export { type PacedRequest, pace, speed } from './pace.ts';
export { planReplay } from './plan.ts';
export { parseRecordedRequest, type RecordedRequest, readRecordedRequests } from './recorded-requests.ts';
