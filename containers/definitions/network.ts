import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type Engine, removeRun, runLabels, sweepLeftovers } from '../engine/index.ts';
import type { ContainerContext } from './context.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Begins a run: sweeps what dead processes have left behind, and makes the network that its containers share.
 *
 * @param options.kept the containers outlive this process
 * @param options.signal gives up the starts of its containers
 * @throws ClickproofError ENGINE_REMOTE; RUN_EXISTS, NETWORKS_EXHAUSTED, NETWORK_FAILED
 */
export async function openNetwork(
  engine: Engine,
  run: string,
  options: { kept?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<ContainerContext> {
  const { kept = false, signal } = options;
  requireLocal(engine);
  await sweepLeftovers(engine);
  const name = `clickproof-${run}`;
  let network: string;
  try {
    ({ id: network } = await engine.docker.createNetwork({
      ...{ Name: name, Driver: 'bridge', Labels: runLabels(run, kept) },
      // Older engines would make a second one of the same name.
      CheckDuplicate: true,
    }));
  } catch (cause) {
    throw explain(name, cause as Error & { statusCode?: number });
  }
  await requireFirst(engine, name, network);
  return { engine, run, network, kept, signal };
}

/**
 * Of two that are asked for in the same moment the engine makes both all the same: the later one is removed again.
 *
 * @throws ClickproofError RUN_EXISTS
 */
async function requireFirst({ docker }: Engine, name: string, id: string): Promise<void> {
  const all = await docker.listNetworks({ filters: { name: [name] } });
  const same = all.filter(({ Name }) => Name === name).sort((a, b) => (order(a) < order(b) ? -1 : 1));
  if (same.length < 2 || same[0]?.Id === id) return;
  await docker.getNetwork(id).remove();
  throw runExists(name);
}

function order({ Created, Id }: { readonly Created: string; readonly Id: string }): string {
  return `${Created} ${Id}`;
}

/** Servers tell their clients to come to this machine, and containers read and write its files. @throws ClickproofError ENGINE_REMOTE */
function requireLocal({ endpoint }: Engine): void {
  const { protocol, hostname } = new URL(endpoint);
  if (!/^(tcp|http|https|ssh):$/.test(protocol) || LOOPBACK.test(hostname)) return;
  throw new ClickproofError(
    'ENGINE_REMOTE',
    `the container engine at ${endpoint} is another machine's; its servers could not be reached as this machine's`,
    { remedy: 'run this on that machine, or unset DOCKER_HOST; without containers: --stack embedded' },
  );
}

function runExists(network: string, cause?: Error): ClickproofError {
  return new ClickproofError('RUN_EXISTS', `there is a network ${network} already`, {
    remedy: 'another start of it is under way, or broke off: npm run stack -- down takes a kept stack down',
    cause,
  });
}

function explain(network: string, cause: Error & { statusCode?: number }): ClickproofError {
  const { message } = cause;
  if (cause.statusCode === 409) {
    return runExists(network, cause);
  }
  if (/address pools|non-overlapping|no available network|pool overlaps/i.test(message)) {
    return new ClickproofError('NETWORKS_EXHAUSTED', `the engine has no network left to give: ${message}`, {
      remedy: 'remove those that nobody uses: docker network prune',
      cause,
    });
  }
  return new ClickproofError('NETWORK_FAILED', `the engine did not make the network ${network}: ${message}`, {
    remedy: "the engine's own log says more",
    cause,
  });
}

/** Ends a run: removes its containers, their volumes and the network, whatever state they are in. */
export async function closeNetwork({ engine, run }: ContainerContext): Promise<void> {
  await removeRun(engine, run);
}
