import type { ScenarioResult } from '../../reports/suite-result.ts';
import type { StackKind } from './stacks.ts';

/** What the process that runs vitest tells the tests. */
export interface SuiteOptions {
  readonly stack: StackKind;
  readonly seed: number;
  /** Names of the scenarios that are to run. */
  readonly scenarios: readonly string[];
  /** Where results, histories and data go. */
  readonly out: string;
  /** Looks for a smaller plan that fails, too, where one fails. */
  readonly shrink?: boolean;
  /** Scenarios that send a number of events send so many. */
  readonly eventCount?: number;
  /** Names the containers. */
  readonly run: string;
}

/** On this channel the tests are told to come to an end. */
export const STOP_CHANNEL = 'clickproof-verify-stop';

declare module 'vitest' {
  interface ProvidedContext {
    suite: SuiteOptions;
  }
  interface TaskMeta {
    scenario?: ScenarioResult;
  }
}
