import type { Diagnostics } from '../pipeline/contracts/running.ts';

/** Writes one line a message to standard error: time, level, who, what, and the fields as `name=value`. */
export function stderrDiagnostics(who: string): Diagnostics {
  const write = (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${asText(value)}`);
    process.stderr.write(`${[new Date().toISOString(), level, `${who}:`, message, ...rest].join(' ')}\n`);
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function asText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return /^[\w./:-]+$/.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
}
