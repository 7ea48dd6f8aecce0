import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

/** Compiles what is published: Node strips no types inside `node_modules`. Types are checked by `npm run check`. */

/** Files that are read at run time and are no code. */
const DATA = [
  'simulator/replay/fixtures/tracker-requests.ndjson',
  'containers/definitions/nginx.conf',
  'containers/definitions/pixel.gif',
  'containers/definitions/filebeat-to-kafka.yml',
  'containers/definitions/filebeat-to-elasticsearch.yml',
];

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const file of DATA) cpSync(file, `dist/${file}`);
