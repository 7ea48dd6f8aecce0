import { setTimeout as sleep } from 'node:timers/promises';
import { getContainerRuntimeClient, type WaitStrategy } from 'testcontainers';

type Container = Parameters<WaitStrategy['waitUntilReady']>[0];
type BoundPorts = Parameters<WaitStrategy['waitUntilReady']>[1];

const LOOK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 1_500;
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Ready when it answers a GET with success. Unlike Testcontainers' own wait it ends at once when the container has ended or was
 * removed, so that a start that is given up leaves nobody waiting.
 */
class AnswersHttp implements WaitStrategy {
  readonly #path: string;
  readonly #port: number;
  #timeoutMs: number | undefined;

  constructor(path: string, port: number) {
    this.#path = path;
    this.#port = port;
  }

  async waitUntilReady(container: Container, boundPorts: BoundPorts): Promise<void> {
    const deadline = performance.now() + this.getStartupTimeout();
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    const url = `http://${host}:${boundPorts.getBinding(this.#port)}${this.#path}`;
    while (!(await answers(url))) {
      await mustRun(container);
      if (performance.now() > deadline) {
        throw new Error(`${this.#path} did not answer within ${this.getStartupTimeout() / 1000} s`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  withStartupTimeout(ms: number): this {
    this.#timeoutMs = ms;
    return this;
  }

  isStartupTimeoutSet(): boolean {
    return this.#timeoutMs !== undefined;
  }

  getStartupTimeout(): number {
    return this.#timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }
}

/** Ready when it answers by HTTP. */
export function answersHttp(path: string, port: number): WaitStrategy {
  return new AnswersHttp(path, port);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** @throws Error it has ended, or is not there any more */
async function mustRun(container: Container): Promise<void> {
  const { State } = await container.inspect();
  if (!State.Running) throw new Error(`it ended with code ${State.ExitCode}`);
}
