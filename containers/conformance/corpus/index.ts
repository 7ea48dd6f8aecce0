import type { RequestCorpus } from '../request.ts';
import { BODIES } from './bodies.ts';
import { CONNECTIONS } from './connections.ts';
import { HEADERS } from './headers.ts';
import { METHODS } from './methods.ts';
import { recordedRequests } from './recorded.ts';
import { TARGETS } from './targets.ts';

/** All requests, by what they are about. */
export function requestCorpus(): Readonly<Record<string, RequestCorpus>> {
  return {
    'what a tracker sent': recordedRequests(),
    'methods and paths': METHODS,
    targets: TARGETS,
    headers: HEADERS,
    bodies: BODIES,
    connections: CONNECTIONS,
  };
}
