/** Errors as ClickHouse's HTTP interface reports them. */
export interface EngineFailure {
  /** ClickHouse's error code; 0 when the engine gave none. */
  readonly code: number;
  /** HTTP status that a ClickHouse server answers for that code. */
  readonly status: number;
  /** `Code: 47. DB::Exception: … (UNKNOWN_IDENTIFIER)`. */
  readonly text: string;
}

const STATUS_BY_CODE: ReadonlyMap<number, number> = new Map([
  // BAD_ARGUMENTS, what cannot be parsed, type mismatches
  ...[6, 7, 25, 26, 27, 36, 38, 41, 42, 43, 53, 62, 69, 70, 72, 73, 117, 130, 131, 321, 456, 457, 467].map(
    (code) => [code, 400] as const,
  ),
  // what is not there: columns, functions, identifiers, types, storages, tables, databases, settings, formats
  ...[16, 46, 47, 50, 56, 60, 81, 115, 218].map((code) => [code, 404] as const),
  [164, 403], // READONLY
  [192, 403],
  [193, 403],
  [194, 401],
  [497, 403],
  [516, 403],
  [48, 501],
  [381, 411],
  [159, 408],
  [209, 408],
  [439, 503],
  // QUERY_IS_TOO_LARGE
  [307, 413],
]);

/** Turns whatever the engine threw into an answer. */
export function engineFailure(error: unknown): EngineFailure {
  const given = error instanceof Error ? error.message : String(error);
  // Where a body was spooled is nobody's business.
  const message = given.replace(/\(in file\/uri [^)]*clickproof-spool[^)]*\): /g, '');
  const code = Number(/Code: (\d+)\./.exec(message)?.[1] ?? 0);
  const text = code === 0 ? `Code: 1002. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)` : message;
  return { code: code === 0 ? 1002 : code, status: STATUS_BY_CODE.get(code) ?? 500, text: text.trimEnd() };
}

/** A request that this front refuses by itself, with the code that a ClickHouse server would give. */
export class RequestRefused extends Error {
  readonly status: number;
  constructor(status: number, code: number, type: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${type})`);
    this.status = status;
  }
}
