import { type Command, Option } from 'commander';
import type { z } from 'zod';

/** One setting of a schema, as the command line sees it. */
export interface Setting {
  readonly key: string;
  readonly description: string;
  readonly kind: 'boolean' | 'list' | 'value' | 'structure';
  readonly choices: readonly string[] | undefined;
  readonly required: boolean;
  readonly default: unknown;
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** What a schema's keys look like from outside. Structures (nested objects) can be given in a file only. */
export function settingsOf(schema: z.ZodObject): Setting[] {
  return Object.entries(schema.shape as Shape).map(([key, type]) => describe(key, type));
}

function describe(key: string, type: z.ZodType): Setting {
  let inner = type;
  let fallback: unknown;
  let required = true;
  let description = type.description;
  for (;;) {
    const { def } = inner as unknown as {
      def: { type: string; innerType?: z.ZodType; in?: z.ZodType; out?: z.ZodType; defaultValue?: unknown };
    };
    if (def.type === 'default' || def.type === 'prefault') {
      fallback = def.defaultValue;
      required = false;
    } else if (def.type === 'optional' || def.type === 'nullable') required = false;
    else if (def.type !== 'pipe') break;
    inner = (def.innerType ??
      (def.in && (def.in as { def?: { type: string } }).def?.type !== 'transform' ? def.in : def.out))!;
    description ??= inner.description;
  }
  const { def } = inner as unknown as { def: { type: string; entries?: Record<string, string> } };
  const kind =
    def.type === 'boolean'
      ? 'boolean'
      : def.type === 'array'
        ? 'list'
        : def.type === 'object' || def.type === 'record'
          ? 'structure'
          : 'value';
  return {
    key,
    description: description ?? '',
    kind,
    choices: def.type === 'enum' ? Object.values(def.entries ?? {}) : undefined,
    required,
    default: fallback,
  };
}

export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The environment variable of a setting: `CLICKPROOF_COLLECTOR_LOG_FILE`. */
export function environmentName(section: string, key: string): string {
  return `CLICKPROOF_${section}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`
    .replaceAll('-', '_')
    .toUpperCase();
}

/** Adds a flag for each setting that a flag can hold. */
export function addOptions(command: Command, schema: z.ZodObject, hidden: readonly string[] = []): void {
  for (const setting of settingsOf(schema)) {
    if (setting.kind === 'structure' || hidden.includes(setting.key)) continue;
    const flag = `--${kebab(setting.key)}`;
    const positive = setting.kind === 'boolean' && setting.default === true;
    const option = new Option(
      setting.kind === 'boolean'
        ? positive
          ? `--no-${kebab(setting.key)}`
          : flag
        : `${flag} <${placeholder(setting)}>`,
      `${positive ? 'do not: ' : ''}${setting.description}${suffix(setting)}`,
    );
    command.addOption(option);
  }
}

function placeholder(setting: Setting): string {
  if (setting.kind === 'list') return 'a,b,…';
  return setting.choices ? setting.choices.join('|') : 'value';
}

function suffix(setting: Setting): string {
  if (setting.kind === 'boolean') return '';
  if (setting.required) return ' (required)';
  const { default: value } = setting;
  if (value === undefined || value === null || value === '') return '';
  if (Array.isArray(value)) return value.length > 0 ? ` (default: ${value.join(',')})` : '';
  return typeof value === 'object' ? '' : ` (default: ${value})`;
}
