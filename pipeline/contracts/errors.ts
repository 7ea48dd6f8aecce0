/**
 * An error with a stable code, a message for people and, where there is one, the remedy.
 * The command line prints `message` and `remedy` without a stack trace; everything else is a bug.
 *
 * @example
 * throw new ClickproofError('PORT_IN_USE', 'port 8080 is taken', {
 *   remedy: 'choose another with --port', cause: error,
 * });
 */
export class ClickproofError extends Error {
  override readonly name = 'ClickproofError';
  /** Stable, upper snake case; documented, safe to match on. */
  readonly code: string;
  /** What the user can do about it, as one sentence. */
  readonly remedy: string | undefined;

  constructor(code: string, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
  }
}

/** True for an error that carries the given stable code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
