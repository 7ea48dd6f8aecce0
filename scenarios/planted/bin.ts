/**
 * `clickproof` with mistakes in it: `node bin.ts PLAN COMMAND...`, where PLAN is a file that names the bug of each stage, looked at
 * at every start. A stack whose roles this starts is the build with these bugs; without any it is the project's own.
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';

module.enableCompileCache();
const [plan, ...argv] = process.argv.slice(2);
const [{ main }, { BUGS }] = await Promise.all([import('../../cli/main.ts'), import('./bugs/index.ts')]);
const planted: Readonly<Record<string, keyof typeof BUGS>> = JSON.parse(readFileSync(plan!, 'utf8'));
const bugOf = (stage: string) => {
  const name = planted[stage];
  return name && BUGS[name];
};
await main(argv, {
  log: (log, stage) => bugOf(stage)?.log?.(log) ?? log,
  store: (store, stage) => bugOf(stage)?.store?.(store) ?? store,
  elasticsearch: (client) => bugOf('elasticsearch-sink')?.elasticsearch?.(client) ?? client,
});
