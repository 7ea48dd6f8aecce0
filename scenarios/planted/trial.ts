import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import type { PipelineOptions } from '../../containers/roles/pipeline.ts';
import type { ScenarioResult } from '../../reports/suite-result.ts';
import { runScenario } from '../suite/run-scenario.ts';
import type { NamedScenario } from '../suite/scenario.ts';
import type { BugName } from './bugs/index.ts';

const BIN = fileURLToPath(new URL('./bin.ts', import.meta.url));

/** A bug in a stage, and what the suite must say of it. */
export interface Planted {
  readonly bug: BugName;
  readonly stage: string;
  /** Where it shows, and as what. */
  readonly caught: RegExp;
  /** What else it brings about. */
  readonly besides?: RegExp;
}

/** A stack whose stages can be built with bugs. */
export class PlantedStack {
  readonly #folder: string;
  readonly #stack: ControlledStack;
  #planted: readonly Planted[] = [];
  #runs = 0;

  private constructor(folder: string, stack: ControlledStack) {
    this.#folder = folder;
    this.#stack = stack;
  }

  static async start(
    start: (options: PipelineOptions) => Promise<ControlledStack>,
    workers: readonly (readonly string[])[],
  ): Promise<PlantedStack> {
    const folder = mkdtempSync(join(tmpdir(), 'clickproof-planted-'));
    writeFileSync(planIn(folder), '{}');
    const clickproof = [process.execPath, BIN, planIn(folder)];
    try {
      const stack = await start({ dataDir: join(folder, 'data'), clickproof, workers, restart: false });
      return new PlantedStack(folder, stack);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a scenario with these bugs in the pipeline, and no others. */
  async run(scenario: NamedScenario, planted: readonly Planted[] = []): Promise<ScenarioResult> {
    await this.#plant(planted);
    const stage = { stack: this.#stack, dataDir: join(this.#folder, 'data') };
    return runScenario(scenario, stage, {
      seed: ++this.#runs,
      out: join(this.#folder, String(this.#runs)),
      reproduce: '',
      signal: new AbortController().signal,
      say: (line) => process.env.CLICKPROOF_DEBUG && console.info(new Date().toISOString(), line),
    });
  }

  async stop(): Promise<void> {
    await this.#stack.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #plant(planted: readonly Planted[]): Promise<void> {
    const stages = new Set([...this.#planted, ...planted].map(({ stage }) => stage));
    const plan = Object.fromEntries(planted.map(({ stage, bug }) => [stage, bug]));
    writeFileSync(planIn(this.#folder), JSON.stringify(plan));
    const roles = this.#stack.roles.filter((role) => stages.has(role.replace(/-\d+$/, '')));
    await Promise.all(
      roles.map(async (role) => {
        await this.#stack.halt(role);
        await this.#stack.start(role);
      }),
    );
    this.#planted = planted;
  }
}

const planIn = (folder: string) => join(folder, 'planted.json');
