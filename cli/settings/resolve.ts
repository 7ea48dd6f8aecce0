import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { nearest } from './nearest.ts';
import { environmentName, kebab, settingsOf } from './options.ts';

export type Sections = Readonly<Record<string, z.ZodObject>>;

/** A mistake in how the command was called: exit code 2, no stack trace. */
export class UsageError extends ClickproofError {
  constructor(message: string, remedy?: string, cause?: unknown) {
    super('USAGE', message, { ...(remedy && { remedy }), cause });
  }
}

/** Reads a configuration file: one section a role, each checked for names that do not exist. */
export function readConfigFile(path: string, sections: Sections): Record<string, Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message.split('\n')[0]}`, undefined, error);
  }
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new UsageError(`${path} holds no sections`);
  const file = parsed as Record<string, unknown>;
  for (const [section, content] of Object.entries(file)) {
    const schema = sections[section];
    if (!schema)
      throw new UsageError(
        `${path}: there is no section "${section}"`,
        didYouMean(section, Object.keys(sections)),
      );
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new UsageError(`${path}: section "${section}" must hold settings`);
    }
    const known = Object.keys(schema.shape);
    for (const key of Object.keys(content)) {
      if (!known.includes(key)) {
        throw new UsageError(`${path}: ${section} has no setting "${key}"`, didYouMean(key, known));
      }
    }
  }
  return file as Record<string, Record<string, unknown>>;
}

/** Environment variables of a section; unknown ones with its prefix are refused, since they are typing errors. */
export function readEnvironment(
  section: string,
  schema: z.ZodObject,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const setting of settingsOf(schema)) {
    const text = environment[environmentName(section, setting.key)];
    if (text === undefined) continue;
    found[setting.key] = setting.kind === 'structure' ? parseYaml(text) : fromText(text, setting.kind);
  }
  return found;
}

/** Merges defaults, file, environment and flags (the later wins) and validates the whole. */
export function resolveSettings<Schema extends z.ZodObject>(
  section: string,
  schema: Schema,
  given: {
    file?: Record<string, unknown> | undefined;
    flags?: Record<string, unknown> /** Taken where nothing else is given. */;
    defaults?: Record<string, unknown> | undefined;
  },
): z.infer<Schema> {
  const flags: Record<string, unknown> = {};
  for (const setting of settingsOf(schema)) {
    const value = given.flags?.[setting.key];
    if (value === undefined) continue;
    if (setting.kind === 'boolean' && value === setting.default) continue;
    flags[setting.key] = typeof value === 'string' ? fromText(value, setting.kind) : value;
  }
  const input: Record<string, unknown> = {
    ...given.defaults,
    ...given.file,
    ...readEnvironment(section, schema),
    ...flags,
  };
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const key = String(issue.path[0] ?? '');
  if (issue.code === 'unrecognized_keys') {
    throw new UsageError(
      `${section} has no setting "${issue.keys[0]}"`,
      didYouMean(issue.keys[0]!, Object.keys(schema.shape)),
    );
  }
  if (input[key] === undefined) {
    throw new UsageError(
      `${section} needs ${key}`,
      `give --${kebab(key)}, ${environmentName(section, key)} or ${section}.${key} in the file`,
    );
  }
  throw new UsageError(`--${kebab(issue.path.join('.'))}: ${issue.message}`, undefined, result.error);
}

function fromText(text: string, kind: 'boolean' | 'list' | 'value' | 'structure'): unknown {
  if (kind === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (kind === 'boolean') {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off)$/i.test(text)) return false;
    return text;
  }
  return /^-?\d+(\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}

function didYouMean(given: string, known: readonly string[]): string {
  const guess = nearest(given, known);
  return guess ? `did you mean "${guess}"?` : `there are: ${known.join(', ')}`;
}
