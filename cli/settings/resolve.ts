import type { z } from 'zod';
import { UsageError } from '../usage-error.ts';
import { readEnvironment } from './environment.ts';
import { explain } from './explain.ts';
import { fromText } from './from-text.ts';
import { environmentName, kebab } from './names.ts';
import { type Setting, settingsOf } from './setting.ts';

export { UsageError } from '../usage-error.ts';

/** Where the settings of a section come from; the later wins. */
export interface Given {
  /** What follows from other settings; taken where nothing else is given. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  readonly file?: Readonly<Record<string, unknown>> | undefined;
  /** The file's name, for messages. */
  readonly fileName?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly flags?: Readonly<Record<string, unknown>>;
}

/**
 * Merges defaults, file, environment and flags and validates the whole.
 *
 * @throws UsageError that names the place in which the wrong value was given
 */
export function resolveSettings<Schema extends z.ZodObject>(
  section: string,
  schema: Schema,
  given: Given,
): z.infer<Schema> {
  const settings = settingsOf(schema);
  const flags = ofFlags(settings, given.flags ?? {});
  const environment = readEnvironment(section, schema, given.environment);
  const input: Record<string, unknown> = { ...given.defaults, ...given.file, ...environment, ...flags };
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const key = String(issue.path[0] ?? '');
  if (input[key] === undefined) {
    const places = `--${kebab(key)}, ${environmentName(section, key)} or ${section}.${key} in the configuration file`;
    throw new UsageError(`--${kebab(key)} is needed`, `give ${places}`);
  }
  const place =
    key in flags
      ? `--${kebab(key)}`
      : key in environment
        ? environmentName(section, key)
        : `${given.fileName ?? 'the configuration file'}: ${[section, ...issue.path].join('.')}`;
  const value = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)?.[step], input);
  const setting = settings.find((one) => one.key === key);
  throw new UsageError(`${place}: ${explain(issue, value, setting)}`, undefined, result.error);
}

function ofFlags(
  settings: readonly Setting[],
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = flags[setting.key];
    if (value !== undefined)
      found[setting.key] = typeof value === 'string' ? fromText(value, setting) : value;
  }
  return found;
}
