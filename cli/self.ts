import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled, this file lies in `dist/cli`, while the command's entry stays where it is. */
const ENTRY = extname(import.meta.url) === '.ts' ? './bin.js' : '../../cli/bin.js';

/** How this command starts others like itself: executable and first argument. */
export const CLICKPROOF: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL(ENTRY, import.meta.url)),
];
