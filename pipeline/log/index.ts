export { type EmbeddedLogOptions, openEmbeddedLog } from './embedded/embedded-log.ts';
export type * from './port.ts';
