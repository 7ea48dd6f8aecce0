import type { Reporter, TestCase } from 'vitest/node';
import type { ScenarioResult } from '../../reports/suite-result.ts';
import './options.ts';

/** Who is told how a suite goes on. */
export interface SuiteWatcher {
  /** What a scenario has to say while it runs. */
  said(scenario: string, line: string): void;
  /** It is over: its result, or why it has none. */
  ended(name: string, result: ScenarioResult | undefined, errors: readonly string[]): void;
  /** What has nothing to do with a scenario: the tests could not be loaded, something was left unhandled. */
  broke(error: string): void;
}

/** What else is printed in the tests' process comes from libraries, and is nobody's business. */
const SAID = /^\[(\S+)\] (.*)$/;

/** Vitest's view of a suite, handed on. */
export class SuiteReporter implements Reporter {
  readonly #watcher: SuiteWatcher;

  constructor(watcher: SuiteWatcher) {
    this.#watcher = watcher;
  }

  onUserConsoleLog({ content }: Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0]): void {
    for (const line of content.trimEnd().split('\n')) {
      const [, name, said] = SAID.exec(line) ?? [];
      if (name !== undefined) this.#watcher.said(name, said!);
    }
  }

  onTestCaseResult(test: TestCase): void {
    const errors = (test.result().errors ?? []).map(({ message }) => message);
    this.#watcher.ended(test.name, test.meta().scenario, errors);
  }

  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const broken = modules.flatMap((module) => [
      ...module.errors(),
      ...[...module.children.suites()].flatMap((suite) => suite.errors()),
    ]);
    for (const { message } of [...broken, ...unhandled]) this.#watcher.broke(message);
  }
}
