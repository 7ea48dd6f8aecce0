import type { ExternalServices } from '../../containers/external/services.ts';
import type { ScenarioResult } from '../../reports/suite-result.ts';
import type { StackKind } from './possible.ts';

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
  /** Names the containers; on somebody's own services all that the run leaves there. */
  readonly run: string;
  /** Where the stack is on somebody's own services. */
  readonly external?: ExternalSuite;
}

/** Somebody's own services. With credentials: nothing of it is for anybody to read. */
export interface ExternalSuite {
  readonly services: ExternalServices;
  /** Says the same to the roles, */
  readonly configFile: string;
  /** but for what it leaves to these variables of their environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** As the command line named them. */
  readonly flags: string;
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
