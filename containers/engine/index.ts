export { connectEngine, type Engine } from './connect.ts';
export { type DaemonOptions, ensureEngine, stopDaemon } from './daemon.ts';
export { type EngineSecurity, engineSecurity } from './security.ts';
export { RUN_LABEL, removeRun, removeStarted, runLabels, sweepLeftovers } from './sweep.ts';
export { type ContainerUsage, containerUsage, PORT_FORWARDING } from './usage.ts';
