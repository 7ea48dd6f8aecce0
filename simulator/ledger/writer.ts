import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedRequest } from '../plan/request.ts';
import { AppendFile } from './append-file.ts';
import { writeFailed } from './errors.ts';
import type { Answer, RunRecord } from './records.ts';
import { KNOWN_HEADERS, type StoredHeaders, storedIntent } from './stored-intent.ts';

export const RUN_FILE = 'run.json';
export const INTENTS_FILE = 'intents.ndjson';
export const ANSWERS_FILE = 'answers.ndjson';

const MAX_PENDING = 1 << 20;

/**
 * Writes down what is meant to be sent, before, and what came of it, after.
 *
 * Intents are collected by `intend` and handed to the operating system together by `flush`; no request may go out before
 * the flush after its intent has returned. Answers follow with the next flush. Killed at any point it leaves intents without
 * answers (nobody knows) and at most one torn line at the end of each file, never an event that was sent without an intent.
 */
export class LedgerWriter {
  readonly directory: string;
  readonly #intents: AppendFile;
  readonly #answers: AppendFile;
  #headers = new Map<string, number>();
  #headerLists = 0;
  #closed = false;

  /** @throws ClickproofError LEDGER_WRITE_FAILED, also where the directory holds a ledger already. */
  constructor(directory: string, run: RunRecord) {
    this.directory = directory;
    const path = join(directory, RUN_FILE);
    try {
      mkdirSync(directory, { recursive: true });
      writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`, { flag: 'wx' });
    } catch (error) {
      throw writeFailed(path, error);
    }
    this.#intents = new AppendFile(join(directory, INTENTS_FILE), MAX_PENDING);
    this.#answers = new AppendFile(join(directory, ANSWERS_FILE), MAX_PENDING);
  }

  /** Notes that a request is about to be sent. `due`: ms since the run began. */
  intend(plan: PlannedRequest, due: number): void {
    this.#intents.append(JSON.stringify(storedIntent(plan, due, this.#headersOf(plan))));
  }

  /** Notes what came of a request. */
  answer(answer: Answer): void {
    this.#answers.append(JSON.stringify(answer));
  }

  /** Hands everything to the operating system. @throws ClickproofError LEDGER_WRITE_FAILED */
  flush(): void {
    this.#intents.flush();
    this.#answers.flush();
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#intents.close();
    } finally {
      this.#answers.close();
    }
  }

  #headersOf(plan: PlannedRequest): number {
    const text = JSON.stringify(plan.headers);
    const known = this.#headers.get(text);
    if (known !== undefined) return known;
    if (this.#headers.size === KNOWN_HEADERS) this.#headers.clear();
    const h = this.#headerLists++;
    this.#headers.set(text, h);
    this.#intents.append(JSON.stringify({ h, headers: plan.headers } satisfies StoredHeaders));
    return h;
  }
}

/** Begins the ledger of a run in a directory that holds none yet. */
export function openLedger(directory: string, run: RunRecord): LedgerWriter {
  return new LedgerWriter(directory, run);
}
