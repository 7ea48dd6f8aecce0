import { attachToCollector, attachToPipeline, startOwnPipeline } from '../../containers/external/index.ts';
import type { Stack } from '../../containers/stack.ts';
import { DeclaredProver, declaredReaders } from '../../scenarios/declared/index.ts';
import { requireFreshMark } from '../../scenarios/runs/fresh-mark.ts';
import { howToDelete } from '../../scenarios/runs/how-to-delete.ts';
import { PipelineProver } from '../../scenarios/runs/pipeline-prover.ts';
import { CLICKPROOF } from '../self.ts';
import type { ExternalSetup } from './external-setup.ts';
import { requireOwnedBrokers } from './owned-brokers.ts';
import type { Provable } from './provable.ts';
import { requireReachable } from './reachable.ts';

interface Run {
  readonly mark: string;
  readonly folder: string;
  readonly dataDir: string;
}

/** What a user's services are proven by: this project's pipeline on them, one that is there already, or somebody else's. */
export async function startExternal(setup: ExternalSetup, run: Run): Promise<Provable> {
  const { collector, hops, services, configFile, environment, settle, patience, owned } = setup;
  const { mark, folder, dataDir } = run;
  if (collector === undefined) {
    if (services.kafka) await requireOwnedBrokers(services.kafka, owned);
    const roles = { configFile, settings: environment, clickproof: CLICKPROOF };
    return ownEvents(await startOwnPipeline({ ...roles, dataDir, shipperId: mark }, services), run);
  }
  const { kafka } = services;
  const url = new URL(collector).origin;
  await requireReachable(url);
  if (hops === undefined && kafka !== undefined) {
    return ownEvents(attachToPipeline(url, { ...services, kafka }), run, { settle, patience });
  }
  return {
    stack: attachToCollector(url, services),
    prover: () =>
      DeclaredProver.begin({
        readers: declaredReaders(hops ?? [], services, mark),
        ...{ folder, settle, patience },
      }),
    leftovers: async () => [`every event carries ${mark} as its tracker namespace (tna)`],
  };
}

function ownEvents(
  stack: Stack,
  { mark, folder }: Run,
  patience?: { readonly settle: number; readonly patience: number },
): Provable {
  return {
    stack,
    async prover() {
      await requireFreshMark(stack, mark);
      return PipelineProver.begin({ stack, mark, folder, patience });
    },
    leftovers: () => howToDelete({ stack, mark, folder }),
  };
}
