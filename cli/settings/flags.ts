import { type Command, Option } from 'commander';
import { kebab } from './names.ts';
import type { Setting } from './setting.ts';
import { phrase, placeholder, shown } from './show.ts';

/** A setting as a command's help shows it. */
export interface Entry {
  readonly setting: Setting;
  readonly heading: string;
  /** The default, where it follows from other settings. */
  readonly note: string | undefined;
  /** Taken, but not listed. */
  readonly hidden: boolean;
}

export interface Layout {
  /** Settings that come first, in this order, each group under a heading of its own. */
  readonly groups?: readonly { readonly heading: string; readonly keys: readonly string[] }[];
  /** Adds the command's other flags, those that stand between these groups and the rest. */
  readonly between?: (command: Command) => void;
}

/** Gives a command a flag for each setting, and says which settings a flag cannot hold. */
export function registerFlags(command: Command, entries: readonly Entry[], layout: Layout): void {
  const { groups = [], between } = layout;
  const first = groups.flatMap(({ heading, keys }) =>
    keys.flatMap((key) =>
      entries.filter(({ setting }) => setting.key === key).map((entry) => ({ ...entry, heading })),
    ),
  );
  // The first entry of a name is its flag: two sections that share a setting share the flag.
  const flags = new Map<string, Entry>();
  for (const entry of [...first, ...entries]) {
    if (!flags.has(entry.setting.key)) flags.set(entry.setting.key, entry);
  }
  const grouped = new Set(first.map(({ setting }) => setting.key));
  const add = (entry: Entry) => {
    for (const option of optionsFor(entry)) command.addOption(option);
  };
  for (const [key, entry] of flags) if (grouped.has(key)) add(entry);
  between?.(command);
  for (const [key, entry] of flags) if (!grouped.has(key)) add(entry);
  const listed = [...flags.values()].filter(({ hidden }) => !hidden).map(({ setting }) => setting);
  const inFileOnly = listed.filter(({ kind }) => kind === 'structure').map(({ key }) => key);
  if (inFileOnly.length > 0) {
    command.addHelpText('after', `\nIn the configuration file only: ${inFileOnly.join(', ')}.`);
  }
}

/** The flags of a setting: one, or for a switch also the one that turns it the other way. */
function optionsFor({ setting, heading, note, hidden }: Entry): Option[] {
  if (setting.kind === 'structure') return [];
  const name = kebab(setting.key);
  const description = phrase(setting.description);
  if (setting.kind !== 'boolean') {
    const text = `${description}${choices(setting)}${fallback(setting, note)}`;
    return [new Option(`--${name} <${placeholder(setting)}>`, text).helpGroup(heading).hideHelp(hidden)];
  }
  // Both ways, so that a flag can overrule the file; the one that changes the default is shown.
  const isOn = setting.default === true;
  return [
    new Option(`--${name}`, description).helpGroup(heading).hideHelp(hidden || isOn),
    new Option(`--no-${name}`, `turn off: ${description}`).helpGroup(heading).hideHelp(hidden || !isOn),
  ];
}

function choices(setting: Setting): string {
  return setting.choices && !placeholder(setting).includes('|') ? ` (${setting.choices.join(', ')})` : '';
}

function fallback(setting: Setting, note: string | undefined): string {
  const value = note ?? shown(setting.default, setting.unit);
  if (value !== '') return ` (default: ${value})`;
  return setting.required ? ' (required)' : '';
}
