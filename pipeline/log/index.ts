export { type EmbeddedLogOptions, openEmbeddedLog } from './embedded/embedded-log.ts';
export { groupLag } from './lag.ts';
export type * from './port.ts';
