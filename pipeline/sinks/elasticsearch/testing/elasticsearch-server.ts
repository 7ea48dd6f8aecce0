import { describe } from 'vitest';
import {
  type ContainerContext,
  closeNetwork,
  openNetwork,
  startElasticsearch,
} from '../../../../containers/definitions/index.ts';
import { engineForTests, testRun } from '../../../../containers/testing/engine.ts';

const { engine, why } = await engineForTests();

/** Starting one on a busy machine takes a while. */
export const STARTING_MS = 300_000;

/** Tests that need a real Elasticsearch: skipped where no container engine answers, unless servers are required. */
export function describeElasticsearch(name: string, tests: () => void): void {
  describe.skipIf(engine === undefined)(engine === undefined ? `${name} (${why})` : name, tests);
}

/** A node of a test's own, in a container. */
export class ElasticsearchServer {
  readonly url: string;
  readonly #context: ContainerContext;
  readonly #node: Awaited<ReturnType<typeof startElasticsearch>>;

  private constructor(context: ContainerContext, node: Awaited<ReturnType<typeof startElasticsearch>>) {
    this.#context = context;
    this.#node = node;
    this.url = node.url;
  }

  static async start(): Promise<ElasticsearchServer> {
    const context = await openNetwork(engine!, testRun('elasticsearch'));
    try {
      // Less than the 100 MB of a server left as it is, so that tests can exceed it.
      const node = await startElasticsearch(context, { 'http.max_content_length': '10mb' });
      return new ElasticsearchServer(context, node);
    } catch (error) {
      await closeNetwork(context);
      throw error;
    }
  }

  /** Starts it again, on the same port and data. */
  start(): Promise<void> {
    return this.#node.service.start();
  }

  /** Ends it as SIGKILL does. */
  kill(): Promise<void> {
    return this.#node.service.signal('SIGKILL');
  }

  close(): Promise<void> {
    return closeNetwork(this.#context);
  }
}
