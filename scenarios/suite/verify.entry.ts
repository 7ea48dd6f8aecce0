import { inject } from 'vitest';
import { loadScenarios } from './load.ts';
import { STOP_CHANNEL } from './options.ts';
import { registerScenarios } from './register.ts';
import { select } from './select.ts';

// What `npm run verify` runs.

const options = inject('suite');
const stopping = new AbortController();
const channel = new BroadcastChannel(STOP_CHANNEL);
channel.onmessage = () => stopping.abort(new Error('interrupted'));

registerScenarios(select(await loadScenarios(), options.scenarios, options.stack), options, {
  signal: stopping.signal,
});
