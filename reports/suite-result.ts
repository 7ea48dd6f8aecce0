import type { MachineResult, StackResult, Verdict } from './result.ts';

/** What `verify` leaves behind: `suite.json`. Readers must look at `schema` first; fields are only ever added within one. */
export const SUITE_SCHEMA = 'clickproof.suite/1';

export interface SuiteResult {
  readonly schema: typeof SUITE_SCHEMA;
  readonly version: string;
  readonly reproduce: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seed: number;
  readonly machine: MachineResult;
  /** The worst of the scenarios'; `unknown` where none ran. */
  readonly verdict: Verdict;
  /** What went wrong outside of any scenario, and leaves its mark on the verdict. Left out where there was nothing. */
  readonly troubles?: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
  readonly coverage: readonly CoverageCell[];
}

/** What became of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  /** The class of outcome that was promised, in words: `exact`, `at least once at tracking_raw`. */
  readonly promised: string;
  readonly verdict: Verdict;
  /** Why it is not `pass`; one sentence each. */
  readonly reasons: readonly string[];
  /** What was seen that the promise allows: `3 requests lost at access log`. */
  readonly seen: readonly string[];
  readonly faults: readonly FaultResult[];
  /** Faults that it declares and that did not happen, since whom they happen to is not there or somebody else's. Left out where there are none. */
  readonly leftOut?: readonly string[];
  readonly requests: number;
  readonly events: number;
  readonly seconds: number;
  readonly stack: StackResult;
  /** The command line that repeats it. */
  readonly reproduce: string;
  /** Where its own result, report and, where it did not pass, its history are, beneath the suite's folder. */
  readonly folder: string;
}

export interface FaultResult {
  readonly cell: CellName;
  /** ms since sending began. */
  readonly began: number;
  readonly ended: number;
  /** Requests that were due meanwhile. */
  readonly requests: number;
  readonly observed: readonly string[];
  /** What should have been seen, and was not: the scenario's verdict is `unknown` then. */
  readonly missing: readonly string[];
  /** Where a loss is promised: at most so many requests or lines can have gone by this. */
  readonly mayLose?: number;
}

export interface CellName {
  readonly table: 'faults' | 'fail points';
  /** `SIGKILL`, or a step of a stage's protocol: `commit:after`. */
  readonly fault: string;
  /** A role, a server or a stage. */
  readonly where: string;
}

/** What ran of one cell of the coverage table, all scenarios together. */
export interface CoverageCell extends CellName {
  /** How often it happened, observably. */
  readonly times: number;
  /** Events of the scenarios that it happened in. */
  readonly events: number;
  /** The worst verdict of these. */
  readonly verdict: Verdict;
  readonly scenarios: readonly string[];
}
