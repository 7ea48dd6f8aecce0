import { ClickproofError } from '../pipeline/contracts/errors.ts';

/** A mistake in how the command was called: exit code 2, no stack trace. */
export class UsageError extends ClickproofError {
  constructor(message: string, remedy?: string, cause?: unknown) {
    super('USAGE', message, { ...(remedy && { remedy }), cause });
  }
}
