import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import { theirsOf } from '../../containers/external/services.ts';
import type { PipelineOptions } from '../../containers/roles/pipeline.ts';
import { prefixed } from '../../pipeline/contracts/topics.ts';
import { SmallDisk } from '../faults/log/small-disk.ts';
import type { ExternalSuite } from './options.ts';
import { type StackKind, stagesOf } from './possible.ts';
import type { Stage } from './run-scenario.ts';
import type { NamedScenario, StackNeeds } from './scenario.ts';

export interface StacksOptions {
  readonly kind: StackKind;
  /** Names the containers of this suite's run, and its topics and groups on somebody's own Kafka. */
  readonly run: string;
  /** What is needed for a stack on somebody's own services. */
  readonly external?: ExternalSuite | undefined;
  /** Executable and first arguments that are `clickproof` itself. */
  readonly clickproof: readonly string[];
  /** Where the data goes, a folder a stack. */
  readonly folder: string;
  /** Gives up a start. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What tells apart the stacks that scenarios need; equal for those that can share one. */
export function variantOf({ collector, shipper, workers, network, smallDisk }: StackNeeds = {}): string {
  const parts = [
    ...(collector === 'nginx' ? ['nginx'] : []),
    ...(shipper === 'filebeat' ? ['filebeat'] : []),
    ...(workers === 2 ? ['two-workers'] : []),
    ...(network ? ['network'] : []),
    ...(smallDisk ? ['small-disk'] : []),
  ];
  return parts.join('-') || 'plain';
}

/** The stacks of a suite, one at a time: one that a scenario left in good order is handed on to the next that needs such a one. */
export class Stacks {
  readonly #options: StacksOptions;
  #current: (Stage & { readonly variant: string; readonly disk: SmallDisk | undefined }) | undefined;
  #started = 0;

  constructor(options: StacksOptions) {
    this.#options = options;
  }

  /** A stack as the scenario needs it. @throws ClickproofError when it does not start */
  async for({ name, stack: needs = {} }: NamedScenario): Promise<Stage> {
    const variant = needs.own ? `own-${name}` : variantOf(needs);
    if (this.#current?.variant === variant) return this.#current;
    await this.close();
    this.#started += 1;
    const { kind, folder, say } = this.#options;
    const dataDir = join(folder, `${this.#started}-${variant}`);
    say(`starts a stack: ${kind}, ${variant}`);
    const disk = needs.smallDisk ? await SmallDisk.mount(join(dataDir, 'access')) : undefined;
    let stack: ControlledStack;
    try {
      stack = await this.#start(needs, dataDir);
    } catch (error) {
      await disk?.unmount();
      throw error;
    }
    this.#current = { stack, dataDir, variant, disk };
    return this.#current;
  }

  /** Stops the stack that runs. Its data stays where it is to be looked at, and goes otherwise. */
  async close({ keepData = false } = {}): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    try {
      await current.stack.stop();
    } finally {
      await current.disk?.unmount();
    }
    if (!keepData) await rm(current.dataDir, { recursive: true, force: true });
  }

  async #start(
    { collector, shipper, workers = 1, network }: StackNeeds,
    dataDir: string,
  ): Promise<ControlledStack> {
    const { kind, clickproof, run, signal, external } = this.#options;
    const stages = stagesOf(kind, external && theirsOf(external.services));
    const options = {
      ...{ dataDir, clickproof },
      workers: stages.flatMap((stage) => Array.from({ length: workers }, () => [stage])),
      // A role that is down was killed, and stays so until the scenario starts it; one that ends by itself is a finding.
      restart: false,
    };
    if (kind === 'embedded') {
      const { startEmbeddedStack } = await import('../../containers/embedded/stack.ts');
      return startEmbeddedStack(options);
    }
    if (external) return startOnTheirs(external, { ...options, run: `${run}-${this.#started}` });
    const { startContainersStack } = await import('../../containers/definitions/stack.ts');
    return startContainersStack({
      ...options,
      ...{ run: `${run}-${this.#started}`, signal },
      ...(collector && { collector }),
      ...(shipper && { shipper }),
      ...(network && { network }),
    });
  }
}

/**
 * Topics and groups are the stack's own, called after it: other people's consumers are not disturbed by what happens to its members, and
 * nothing that it is sent or written on purpose comes to anybody else.
 */
async function startOnTheirs(
  { services, configFile, settings }: ExternalSuite,
  { run, ...options }: PipelineOptions & { readonly run: string },
): Promise<ControlledStack> {
  const { startOwnPipeline } = await import('../../containers/external/own-pipeline.ts');
  const own = {
    topics: prefixed(services.topics, `${run}-`),
    groups: prefixed(services.groups, `${run}-`),
  };
  return startOwnPipeline({ ...options, configFile, settings, shipperId: run }, { ...services, ...own });
}
