/**
 * Formats whose every chunk stands for itself. The engine formats each chunk of a stream anew, so a format with
 * a head or a foot (JSON, CSVWithNames, Parquet) must be made in one piece.
 */
const STREAMABLE = new Set([
  'JSONEachRow',
  'JSONLines',
  'NDJSON',
  'JSONStringsEachRow',
  'JSONCompactEachRow',
  'JSONCompactStringsEachRow',
  'TSV',
  'TabSeparated',
  'TSVRaw',
  'TabSeparatedRaw',
  'CSV',
  'RowBinary',
  'Native',
  'LineAsString',
]);

export function isStreamable(format: string): boolean {
  return STREAMABLE.has(format);
}

/** Content type that ClickHouse sends for an output format. */
export function contentType(format: string): string {
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^CSV/.test(format)) return 'text/csv; charset=UTF-8; header=absent';
  if (/EachRow|Lines$|^NDJSON/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (/^JSON/.test(format)) return 'application/json; charset=UTF-8';
  if (/^(Pretty|Vertical|Markdown|Values|SQLInsert|LineAsString)/.test(format))
    return 'text/plain; charset=UTF-8';
  return 'application/octet-stream';
}
