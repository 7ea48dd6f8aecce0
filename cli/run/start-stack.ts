import { randomBytes } from 'node:crypto';
import type { Stack } from '../../containers/stack.ts';
import { CLICKPROOF } from '../self.ts';
import type { StackChoice } from './stack-kinds.ts';

/** A stack that can be started. */
export interface Startable {
  /** @param signal gives up a start that takes its time */
  start(signal: AbortSignal): Promise<Stack>;
  /** Removes at once what would outlive this process. Undefined where nothing would. */
  readonly remove?: () => Promise<void>;
}

/** How a kind of stack is started. Its code is loaded only then. */
export function startStack(
  { kind, collector, shipper }: StackChoice,
  { dataDir }: { dataDir: string },
): Startable {
  const options = { dataDir, clickproof: CLICKPROOF };
  if (kind === 'embedded') {
    return {
      async start() {
        const { startEmbeddedStack } = await import('../../containers/embedded/stack.ts');
        return startEmbeddedStack(options);
      },
    };
  }
  const run = `run-${process.pid}-${randomBytes(3).toString('hex')}`;
  const load = () => import('../../containers/definitions/stack.ts');
  return {
    start: async (signal) =>
      (await load()).startContainersStack({ ...options, collector, shipper, run, signal }),
    remove: async () => (await load()).removeContainers(run),
  };
}
