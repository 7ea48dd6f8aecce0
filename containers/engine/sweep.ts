import type { Engine } from './connect.ts';
import { isAlive, processIdentity } from './process-identity.ts';

/** On every container and network of this project: the run it belongs to. */
export const RUN_LABEL = 'io.clickproof.run';
/** The process it lives and dies with. */
const OWNER_LABEL = 'io.clickproof.owner';
/** The process that started it, even if it outlives that. */
const STARTER_LABEL = 'io.clickproof.starter';
/** The owner of what stays up until it is taken down by name. */
const NOBODY = 'kept';
/** What the engine answers to the removal of a network that a container is in. */
const ACTIVE_ENDPOINTS = 403;

/**
 * Labels for what a run starts.
 *
 * @param kept it outlives this process
 */
export function runLabels(run: string, kept = false): Record<string, string> {
  const starter = processIdentity();
  return { [RUN_LABEL]: run, [OWNER_LABEL]: kept ? NOBODY : starter, [STARTER_LABEL]: starter };
}

/** Removes what processes that are gone have left behind: containers, their volumes, networks. Gives the names. */
export async function sweepLeftovers(engine: Engine): Promise<string[]> {
  const abandoned = (labels: Readonly<Record<string, string>>) => {
    const owner = labels[OWNER_LABEL] ?? '';
    return owner !== NOBODY && isAlive(owner) === false;
  };
  // Another process that sweeps may still be at the containers of a network: then it removes that, too.
  return remove(engine, [RUN_LABEL], abandoned, [ACTIVE_ENDPOINTS]);
}

/** Removes everything of one run. Gives the names. */
export async function removeRun(engine: Engine, run: string): Promise<string[]> {
  return remove(engine, [`${RUN_LABEL}=${run}`], () => true);
}

/** Removes what this process has started, of one run or of all, kept or not; what others started of the same run stays. Gives the names. */
export async function removeStarted(engine: Engine, run?: string): Promise<string[]> {
  const ofRun = run === undefined ? RUN_LABEL : `${RUN_LABEL}=${run}`;
  return remove(engine, [ofRun, `${STARTER_LABEL}=${processIdentity()}`], () => true);
}

async function remove(
  { docker }: Engine,
  label: readonly string[],
  wanted: (labels: Readonly<Record<string, string>>) => boolean,
  inUse: readonly number[] = [],
): Promise<string[]> {
  const filters = { label: [...label] };
  const removed: string[] = [];
  const containers = await docker.listContainers({ all: true, filters });
  const old = containers.filter(({ Labels }) => wanted(Labels));
  await Promise.all(
    old.map(async ({ Id, Names }) => {
      await ignoreGone(docker.getContainer(Id).remove({ force: true, v: true }));
      removed.push((Names[0] ?? Id).replace(/^\//, ''));
    }),
  );
  for (const { Id, Name, Labels } of await docker.listNetworks({ filters })) {
    if (!wanted(Labels ?? {})) continue;
    await ignoreGone(docker.getNetwork(Id).remove(), ...inUse);
    removed.push(Name);
  }
  return removed;
}

/** Another process may be sweeping too. */
async function ignoreGone(removal: Promise<unknown>, ...others: readonly number[]): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (![404, 409, ...others].includes(statusCode ?? 0)) throw error;
  }
}
