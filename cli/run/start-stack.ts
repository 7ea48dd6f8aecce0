import { randomBytes } from 'node:crypto';
import { CLICKPROOF } from '../self.ts';
import type { Provable } from './provable.ts';
import { removeStarted } from './remove-started.ts';
import type { StackChoice } from './stack-kinds.ts';

/** A stack that can be started. */
export interface Startable {
  /** @param signal gives up a start that takes its time */
  start(signal: AbortSignal): Promise<Provable>;
  /** Removes at once what would outlive this process. Undefined where nothing would. */
  readonly remove?: () => Promise<void>;
}

/** How a kind of stack is started. Its code is loaded only then. */
export function startStack(
  choice: StackChoice,
  run: { readonly dataDir: string; readonly folder: string; readonly mark: string },
): Startable {
  const { kind, collector, shipper } = choice;
  if (kind === 'external') {
    const { external } = choice;
    return { start: async () => (await import('./start-external.ts')).startExternal(external, run) };
  }
  const options = { dataDir: run.dataDir, clickproof: CLICKPROOF };
  if (kind === 'embedded') {
    return {
      async start() {
        const { startEmbeddedStack } = await import('../../containers/embedded/stack.ts');
        return { stack: await startEmbeddedStack(options) };
      },
    };
  }
  const name = `run-${process.pid}-${randomBytes(3).toString('hex')}`;
  return {
    async start(signal) {
      const { startContainersStack } = await import('../../containers/definitions/stack.ts');
      return { stack: await startContainersStack({ ...options, collector, shipper, run: name, signal }) };
    },
    remove: removeStarted,
  };
}
