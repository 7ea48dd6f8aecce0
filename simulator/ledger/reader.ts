import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectRequest } from '../oracle/expect.ts';
import { DEFAULT_ORACLE_SETTINGS, type OracleSettings } from '../oracle/settings.ts';
import type { Header } from '../plan/request.ts';
import { unreadable } from './errors.ts';
import { LedgerLines } from './lines.ts';
import type { Answer, ExpectedEvent, Intent, RunRecord } from './records.ts';
import { bodyOf, KNOWN_HEADERS, type StoredHeaders, type StoredIntent } from './stored-intent.ts';
import { ANSWERS_FILE, INTENTS_FILE, RUN_FILE } from './writer.ts';

/** What the run was. @throws ClickproofError LEDGER_UNREADABLE */
export function readRun(directory: string): RunRecord {
  const path = join(directory, RUN_FILE);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** What became of the requests, in the order in which that was known. */
export function readAnswers(directory: string): LedgerLines<Answer> {
  return new LedgerLines(join(directory, ANSWERS_FILE));
}

/**
 * What was meant to be sent, in the order in which it was, with what the oracle expects of it; in constant memory.
 * The oracle's settings are those of `run.json`; what is missing there is as the pipeline has it by default.
 */
export class IntentReader implements AsyncIterable<Intent> {
  readonly #lines: LedgerLines<StoredIntent | StoredHeaders>;
  readonly #settings: OracleSettings;

  constructor(directory: string, settings?: Partial<OracleSettings>) {
    this.#lines = new LedgerLines(join(directory, INTENTS_FILE));
    this.#settings = { ...DEFAULT_ORACLE_SETTINGS, ...(settings ?? readRun(directory).oracle) };
  }

  /** See `LedgerLines.torn`. */
  get torn(): number {
    return this.#lines.torn;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Intent> {
    const headers = new Map<number, readonly Header[]>();
    let sequence = 0;
    for await (const line of this.#lines) {
      if ('headers' in line) {
        if (headers.size === KNOWN_HEADERS) headers.clear();
        headers.set(line.h, line.headers);
        continue;
      }
      const intent = this.#intentOf(line, headers.get(line.h) ?? [], sequence);
      sequence += intent.events.length;
      yield intent;
    }
  }

  #intentOf(stored: StoredIntent, headers: readonly Header[], sequence: number): Intent {
    const { request, kind, due, method, target, repeats } = stored;
    const verdict = expectRequest({ method, target, headers, body: bodyOf(stored) }, this.#settings);
    const events = verdict.events.map(
      (event, i): ExpectedEvent => ({
        ...event,
        sequence: sequence + i,
        ...(repeats !== undefined && { repeats }),
      }),
    );
    const { digest, expect, why } = verdict;
    return {
      request,
      kind,
      due,
      browser: stored.browser ?? null,
      method,
      target,
      digest,
      expect,
      why,
      events,
    };
  }
}

/** See `IntentReader`. */
export function readIntents(directory: string, settings?: Partial<OracleSettings>): IntentReader {
  return new IntentReader(directory, settings);
}
