/** What the collector has done since it started. */
export interface CollectorStats {
  /** Requests answered, by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Lines that are in the log. */
  readonly lines: number;
  /** Requests answered 503 without a line, as there was no way to write one. */
  readonly unlogged: number;
  /** Connections dropped since too many were open. */
  readonly droppedConnections: number;
  readonly openConnections: number;
  /** Bytes of lines that wait to be written. */
  readonly queuedBytes: number;
  /** How often the log was rotated by size. */
  readonly rotations: number;
}

export class Counters {
  readonly answers = new Map<number, number>();
  lines = 0;
  unlogged = 0;
  droppedConnections = 0;

  answered(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }
}
