import { ClickproofError } from '../pipeline/contracts/errors.ts';
import type { Diagnostics } from '../pipeline/contracts/running.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is said again and again is said this often. */
const AGAIN_AFTER_MS = 10_000;
const MOST_REMEMBERED = 100;

export interface DiagnosticsOptions {
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Writes one line a message to standard error: time, level, who, what, and the fields as `name=value`. Of an error it gives message
 * and remedy. A warning or an error that repeats is written every ten seconds, with how often it came in between.
 */
export function stderrDiagnostics(who: string, options: DiagnosticsOptions = {}): Diagnostics {
  const { write = (line) => process.stderr.write(line), now = Date.now } = options;
  const said = new Map<string, { at: number; more: number }>();

  const line = (level: string, message: string, fields: Fields) => {
    const rest = Object.entries(fields).flatMap(([name, value]) => shown(name, value));
    write(`${[new Date(now()).toISOString(), level, `${who}:`, message, ...rest].join(' ')}\n`);
  };
  const rarely = (level: string, message: string, fields: Fields = {}) => {
    const key = [
      level,
      message,
      ...Object.entries(fields).flatMap(([name, value]) => shown(name, value)),
    ].join(' ');
    const before = said.get(key);
    if (before && now() - before.at < AGAIN_AFTER_MS) {
      before.more += 1;
      return;
    }
    said.delete(key);
    said.set(key, { at: now(), more: 0 });
    if (said.size > MOST_REMEMBERED) said.delete(said.keys().next().value!);
    line(
      level,
      message,
      before && before.more > 0 ? { ...fields, before: `${before.more} times more` } : fields,
    );
  };
  return {
    info: (message, fields = {}) => line('info', message, fields),
    warn: (message, fields) => rarely('warn', message, fields),
    error: (message, fields) => rarely('error', message, fields),
  };
}

function shown(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!(value instanceof Error)) return [`${name}=${asText(value)}`];
  const remedy = value instanceof ClickproofError ? value.remedy : undefined;
  return [
    `${name}=${JSON.stringify(value.message)}`,
    ...(remedy ? [`remedy=${JSON.stringify(remedy)}`] : []),
  ];
}

function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return /^[\w./:-]+$/.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
}
