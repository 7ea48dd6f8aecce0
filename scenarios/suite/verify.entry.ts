import { inject } from 'vitest';
import { theirsOf } from '../../containers/external/services.ts';
import { loadScenarios } from './load.ts';
import { STOP_CHANNEL } from './options.ts';
import { registerScenarios } from './register.ts';
import { select } from './select.ts';

// What `npm run verify` runs.

const options = inject('suite');
const stopping = new AbortController();
const channel = new BroadcastChannel(STOP_CHANNEL);
channel.onmessage = () => stopping.abort(new Error('interrupted'));

const theirs = options.external && theirsOf(options.external.services);
registerScenarios(select(await loadScenarios(), options.scenarios, options.stack, theirs), options, {
  signal: stopping.signal,
});
