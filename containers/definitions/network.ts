import { type Engine, removeRun, runLabels, sweepLeftovers } from '../engine/index.ts';
import type { ContainerContext } from './context.ts';

/**
 * Begins a run: sweeps what dead processes have left behind, and makes the network that its containers share.
 *
 * @param options.kept the containers outlive this process
 */
export async function openNetwork(
  engine: Engine,
  run: string,
  options: { kept?: boolean } = {},
): Promise<ContainerContext> {
  const { kept = false } = options;
  await sweepLeftovers(engine);
  const network = `clickproof-${run}`;
  await engine.docker.createNetwork({ Name: network, Driver: 'bridge', Labels: runLabels(run, kept) });
  return { engine, run, network, kept };
}

/** Ends a run: removes its containers, their volumes and the network, whatever state they are in. */
export async function closeNetwork({ engine, run }: ContainerContext): Promise<void> {
  await removeRun(engine, run);
}
