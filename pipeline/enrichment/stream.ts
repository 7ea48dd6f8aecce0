import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../contracts/access-log.ts';
import { type EnrichedLine, lineEnricher, malformedLine } from './enrich-line.ts';
import { splitLines } from './lines.ts';
import type { EnrichmentSettings } from './settings.ts';
import { decodeUtf8 } from './utf8.ts';

/** What a stream of lines came to: lines = tracker + refused + ignored + malformed. */
export interface StreamCounts {
  lines: number;
  tracker: number;
  refused: number;
  ignored: number;
  malformed: number;
  /** Records written: events and failures. */
  events: number;
  failures: number;
}

/** Output is handed over in pieces of about this size. */
const PIECE = 65_536;

/**
 * Enriches an access log of any length in constant memory: chunks of bytes in, JSON lines out, in the order of the
 * input. The next chunk is asked for only when what was written is taken.
 *
 * @param write resolves when the text is taken; rejects to stop
 */
export async function enrichStream(
  chunks: AsyncIterable<Uint8Array>,
  write: (text: string) => Promise<void>,
  options: { settings?: EnrichmentSettings | undefined; maxLineBytes?: number } = {},
): Promise<StreamCounts> {
  const enrich = lineEnricher(options.settings);
  const longest = options.maxLineBytes ?? maxRecordBytes(DEFAULT_SIZE_LIMITS);
  const counts: StreamCounts = {
    lines: 0,
    tracker: 0,
    refused: 0,
    ignored: 0,
    malformed: 0,
    events: 0,
    failures: 0,
  };
  let pending = '';
  for await (const { bytes, offset, length } of splitLines(chunks, longest)) {
    const text = decodeUtf8(bytes);
    const result: EnrichedLine =
      length > longest
        ? malformedLine(
            { code: 'line_too_long', message: `${length} bytes, the longest is ${longest}` },
            text,
          )
        : enrich(text, offset);
    counts.lines++;
    counts[result.class]++;
    counts.events += result.events;
    counts.failures += result.failures;
    for (const record of result.output) {
      pending += `${record}\n`;
      if (pending.length < PIECE) continue;
      await write(pending);
      pending = '';
    }
  }
  if (pending) await write(pending);
  return counts;
}
