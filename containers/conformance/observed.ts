import type { RawAnswer } from './raw-http.ts';
import type { ConformanceRequest } from './request.ts';

/** What a collector made of one request. */
export interface Observed {
  readonly answers: readonly RawAnswer[];
  /** Text is latin1: a character is a byte. */
  readonly lines: readonly Readonly<Record<string, string>>[];
}

/** One thing that is not the same. */
export interface Difference {
  /** `line <field>`, `answer status`, `answer body`, `answer header <name>`, `count of answers`, `count of lines`. */
  readonly what: string;
  readonly nginx: string;
  readonly builtIn: string;
  /** Which of the lines or answers. */
  readonly index: number;
}

/** What exceptions ask about a request. */
export interface Context {
  /** All that was sent, latin1. */
  readonly text: string;
  readonly end: ConformanceRequest['end'];
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Header lines of the first request, as they were sent. */
  readonly headers: readonly string[];
  readonly nginx: Observed;
  readonly builtIn: Observed;
}
