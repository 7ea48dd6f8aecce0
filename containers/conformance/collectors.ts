import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type TestCollector, testCollector } from '../../pipeline/collector/fixtures/harness.ts';
import {
  type ContainerContext,
  closeNetwork,
  type NginxService,
  openNetwork,
  startNginx,
} from '../definitions/index.ts';
import type { Engine } from '../engine/index.ts';
import { testRun } from '../testing/engine.ts';
import type { Observed } from './observed.ts';
import { sendRequest } from './raw-http.ts';
import { type ConformanceRequest, shown } from './request.ts';

/** Nginx and the built-in collector, side by side. */
export class Collectors implements AsyncDisposable {
  readonly #context: ContainerContext;
  readonly #nginx: Watched;
  readonly #builtIn: Watched;
  readonly #collector: TestCollector;
  readonly #folder: string;

  private constructor(
    context: ContainerContext,
    nginx: NginxService,
    collector: TestCollector,
    folder: string,
  ) {
    this.#context = context;
    this.#nginx = new Watched('Nginx', nginx.service.port(8080), new NewLines(nginx.accessLog));
    this.#builtIn = new Watched('the built-in collector', collector.port, new NewLines(collector.accessLog));
    this.#collector = collector;
    this.#folder = folder;
  }

  static async start(engine: Engine): Promise<Collectors> {
    const folder = mkdtempSync(join(tmpdir(), 'clickproof-nginx-'));
    const context = await openNetwork(engine, testRun('conformance'));
    try {
      const nginx = await startNginx(context, folder);
      return new Collectors(context, nginx, await testCollector(), folder);
    } catch (error) {
      await closeNetwork(context);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Sends one request to both, and gives what each answered and logged. */
  async observe(request: ConformanceRequest): Promise<{ nginx: Observed; builtIn: Observed }> {
    const [nginx, builtIn] = await Promise.all([
      this.#nginx.observe(request),
      this.#builtIn.observe(request),
    ]);
    return { nginx, builtIn };
  }

  /** Lines that nobody waited for. */
  surplus(): { nginx: readonly Line[]; builtIn: readonly Line[] } {
    return { nginx: this.#nginx.log.take(), builtIn: this.#builtIn.log.take() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector[Symbol.asyncDispose]();
    await closeNetwork(this.#context);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

type Line = Readonly<Record<string, string>>;

/** One of the two, and its log. */
class Watched {
  readonly log: NewLines;
  readonly #name: string;
  readonly #port: number;

  constructor(name: string, port: number, log: NewLines) {
    this.#name = name;
    this.#port = port;
    this.log = log;
  }

  async observe(request: ConformanceRequest): Promise<Observed> {
    const answers = await sendRequest(this.#port, request);
    const owed = request.lines ?? answers.length;
    const lines: Line[] = [];
    // Nginx writes the line after the answer.
    await vi.waitFor(
      () => {
        lines.push(...this.log.take());
        expect(lines.length, `lines of ${this.#name} for ${shown(request)}`).toBeGreaterThanOrEqual(owed);
      },
      { interval: 5, timeout: 5_000 },
    );
    return { answers, lines };
  }
}

/** The lines of a log that have come since it was last looked at. Text is latin1: a character is a byte. */
class NewLines {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  take(): Line[] {
    const { size } = statSync(this.#path);
    if (size === this.#offset) return [];
    const bytes = Buffer.alloc(size - this.#offset);
    const file = openSync(this.#path, 'r');
    readSync(file, bytes, 0, bytes.length, this.#offset);
    closeSync(file);
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
    this.#offset += whole.length;
    return whole
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => !isReadinessCheck(line));
  }
}

/** Asked until Nginx answers, by Node's own client. */
function isReadinessCheck({ uri, user_agent }: Line): boolean {
  return uri === '/health' && user_agent === 'node';
}
