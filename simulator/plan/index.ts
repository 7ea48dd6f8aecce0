export { trafficFingerprint } from './fingerprint.ts';
export { planTraffic } from './plan.ts';
export type { Header, PlannedRequest } from './request.ts';
export { DEFAULT_START_AT, dwellScale, runMark, type TrafficSettings, trafficSettings } from './settings.ts';
