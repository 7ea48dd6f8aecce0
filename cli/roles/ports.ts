import type { Client } from '@elastic/elasticsearch';
import type { EventLog } from '../../pipeline/log/port.ts';
import type { ProfileStore } from '../../pipeline/profile/store.ts';

/**
 * For tests only: puts something between a role and what it works on, a fail point or a planted bug. The role knows nothing of it. A
 * stage is called as on the command line.
 */
export interface Ports {
  log?(log: EventLog, stage: string): EventLog;
  store?(store: ProfileStore, stage: string): ProfileStore;
  elasticsearch?(client: Client): Client;
}

/** One behind the other, as calls of a role come to them: the last first. */
export function through(...all: readonly (Ports | undefined)[]): Required<Ports> {
  const ports = all.filter((one) => one !== undefined);
  return {
    log: (log, stage) => ports.reduce((inner, port) => port.log?.(inner, stage) ?? inner, log),
    store: (store, stage) => ports.reduce((inner, port) => port.store?.(inner, stage) ?? inner, store),
    elasticsearch: (client) => ports.reduce((inner, port) => port.elasticsearch?.(inner) ?? inner, client),
  };
}
