/**
 * Stands in for every role of the stack: only what the supervisor sees of it. What it does at its first, second… start
 * is told by FAKE_STARTS: `ready`, `die` (ready, then gone) or `fail` (gone before it is ready).
 */
import { appendFileSync, readFileSync } from 'node:fs';

const { FAKE_STARTS = '', FAKE_COUNT = '' } = process.env;
let starts = 0;
if (FAKE_COUNT !== '') {
  appendFileSync(FAKE_COUNT, '.');
  starts = readFileSync(FAKE_COUNT).length - 1;
}
const what = FAKE_STARTS.split(' ')[starts] || 'ready';
if (what === 'fail') process.exit(1);
process.on('message', (message: { type: string }) => {
  if (message.type === 'stop') process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: 'http://127.0.0.1:1' }, () => {
  if (what === 'die') process.exit(1);
});
