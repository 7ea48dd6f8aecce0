import { channel } from 'node:diagnostics_channel';
import { ClickproofError, hasCode } from '../../pipeline/contracts/errors.ts';
import type { Engine } from '../engine/index.ts';

export interface PullOptions {
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
  /** Gives it up when the image's registry has said nothing for so long. Without it the engine's own patience counts. */
  readonly answerWithinMs?: number;
}

const PULLS = channel('clickproof.pull');

/**
 * Pulls an image from its registry.
 *
 * @throws what the engine says of why it cannot; ClickproofError REGISTRY_SILENT; the signal's reason
 */
export async function pullImage({ docker }: Engine, name: string, options: PullOptions = {}): Promise<void> {
  const { signal, answerWithinMs } = options;
  const silence = new AbortController();
  const giveUp = () =>
    silence.abort(new ClickproofError('REGISTRY_SILENT', `no answer within ${answerWithinMs! / 1000} s`));
  const timer = answerWithinMs === undefined ? undefined : setTimeout(giveUp, answerWithinMs);
  const abortSignal = AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abandon = () => reject(abortSignal.reason);
  abortSignal.addEventListener('abort', abandon);
  promise.catch(() => {}); // it may be given up before the engine answers
  PULLS.publish(name);
  try {
    abortSignal.throwIfAborted();
    const stream = await docker.pull(name, { abortSignal });
    docker.modem.followProgress(
      stream,
      (error) => (error ? reject(error) : resolve()),
      (event: { error?: string }) => {
        clearTimeout(timer);
        // What fails within a pull is an event of the stream, not its end.
        if (event.error) reject(new Error(event.error));
      },
    );
    await promise;
  } catch (error) {
    abortSignal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    abortSignal.removeEventListener('abort', abandon);
  }
}

/** Tells of each image that this process begins to pull: it can take minutes. @returns ends it */
export function onPull(say: (image: string) => void): () => void {
  const listen = (name: unknown) => say(String(name));
  PULLS.subscribe(listen);
  return () => void PULLS.unsubscribe(listen);
}

/** Asks each registry once: one that did not answer is not asked for the next image. */
export class Registries {
  readonly #engine: Engine;
  readonly #answerWithinMs: number;
  readonly #silent = new Set<string>();

  constructor(engine: Engine, answerWithinMs = 10_000) {
    this.#engine = engine;
    this.#answerWithinMs = answerWithinMs;
  }

  /**
   * Pulls an image where its registry answers.
   *
   * @returns why it could not be pulled; undefined when it was
   */
  async pull(name: string, signal: AbortSignal): Promise<string | undefined> {
    const host = registryOf(name);
    if (this.#silent.has(host)) return `${host} did not answer before`;
    try {
      await pullImage(this.#engine, name, { signal, answerWithinMs: this.#answerWithinMs });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (hasCode(error, 'REGISTRY_SILENT')) this.#silent.add(host);
      return (error as Error).message;
    }
  }
}

/** The registry in an image's name: its first part, where that is a host. */
function registryOf(name: string): string {
  const first = name.includes('/') ? name.split('/')[0]! : '';
  return /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}
