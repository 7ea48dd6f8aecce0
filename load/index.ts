export { K6_VARIABLE, obtainK6 } from './k6-program.ts';
export { SCENARIOS, type Scenario } from './scenarios.ts';
export { type K6Options, sendWithK6 } from './send-with-k6.ts';
