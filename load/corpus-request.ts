/** A request as a line of the file that k6 reads. Types only: k6 loads this through its scripts. */
export interface CorpusRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A body that is no text. */
  readonly body64?: string;
}

/** What a script says of each request that it has sent, as JSON behind `RESULT_PREFIX`. */
export interface ResultLine {
  /** The request's place in the corpus. */
  readonly at: number;
  /** When the scenario began and when the request was sent: Unix time, ms. */
  readonly began: number;
  readonly sent: number;
  /** From sending to the answer, connecting included, ms. */
  readonly took: number;
  /** 0: no answer. */
  readonly status: number;
  /** k6's number for what went wrong; 0: nothing. */
  readonly code: number;
  readonly error?: string;
  /** The network user id that the answer set. */
  readonly networkUserId?: string;
}
