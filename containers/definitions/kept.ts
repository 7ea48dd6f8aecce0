import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { connectEngine, type Engine, RUN_LABEL, removeRun } from '../engine/index.ts';
import { STAND_IN_LABEL } from '../images/names.ts';
import { startServers } from './servers.ts';

/** The run whose containers stay up until they are taken down. There is one on a machine. */
const KEPT_RUN = 'stack';

/** A server that stays up. */
export interface KeptServer {
  readonly name: string;
  readonly image: string;
  /** What the image holds, where it only stands in for the one of that name. */
  readonly standIn: string | undefined;
  readonly running: boolean;
  /** `Up 3 minutes`, as the engine says it. */
  readonly status: string;
  /** `host:port` for clients on this machine; undefined while it is down. */
  readonly address: string | undefined;
}

const SERVERS = ['kafka', 'redis', 'elasticsearch', 'clickhouse'] as const;

/** Where the servers of a stack are reached. */
export type KeptAddresses = Readonly<Record<(typeof SERVERS)[number], string>>;

/**
 * Starts the servers and leaves them up; those that are up already are left as they are.
 *
 * @throws ClickproofError STACK_DAMAGED some of them are down; and as `startServers`
 */
export async function keepUp(signal: AbortSignal, run = KEPT_RUN): Promise<{ readonly started: boolean }> {
  const engine = await connectEngine();
  const found = await list(engine, run);
  if (found.length === 0) {
    await startServers(engine, { run, kept: true, signal });
    return { started: true };
  }
  addressesOf(found);
  return { started: false };
}

/** What is up, empty when nothing is. */
export async function keptServers(run = KEPT_RUN): Promise<KeptServer[]> {
  return list(await connectEngine(), run);
}

/** Takes down what is up, with its data. Gives the names of what there was. */
export async function takeDown(run = KEPT_RUN): Promise<string[]> {
  return removeRun(await connectEngine(), run);
}

/** @throws ClickproofError STACK_DAMAGED */
export function addressesOf(servers: readonly KeptServer[]): KeptAddresses {
  const addresses = Object.fromEntries(
    SERVERS.map((name) => [name, servers.find((server) => server.name === name)?.address]),
  );
  const down = SERVERS.filter((name) => addresses[name] === undefined);
  if (down.length === 0) return addresses as Record<(typeof SERVERS)[number], string>;
  throw new ClickproofError('STACK_DAMAGED', `of the stack that was kept up, ${down.join(', ')} is down`, {
    remedy: 'npm run stack -- down takes the rest down; then start it anew',
  });
}

async function list({ docker }: Engine, run: string): Promise<KeptServer[]> {
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`${RUN_LABEL}=${run}`] },
  });
  return containers
    .map(({ Names, Image, Labels, State, Status, Ports }) => {
      const port = Ports.find(({ PublicPort }) => PublicPort)?.PublicPort;
      const running = State === 'running' && port !== undefined;
      return {
        name: (Names[0] ?? '').replace(`/clickproof-${run}-`, ''),
        image: Image,
        standIn: Labels[STAND_IN_LABEL],
        running,
        status: Status,
        address: running ? `127.0.0.1:${port}` : undefined,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
