/** A part of the pipeline that runs until it is stopped. */
export interface Running {
  /** Resolves when it has stopped, rejects with what made it stop by itself. */
  readonly done: Promise<void>;
  /** Finishes what is in hand, then stops. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where a part says what happens. The command line writes it to standard error, tests collect it. */
export interface Diagnostics {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing. */
export const silent: Diagnostics = { info() {}, warn() {}, error() {} };
