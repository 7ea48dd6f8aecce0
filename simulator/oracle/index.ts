export { expectRequest, type OracleEvent, type RequestVerdict } from './expect.ts';
export type { SentRequest } from './request.ts';
export { DEFAULT_ORACLE_SETTINGS, type OracleSettings } from './settings.ts';
export { textOfBytes, textOfLatin1 } from './text.ts';
