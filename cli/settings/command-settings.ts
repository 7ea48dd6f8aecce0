import type { Command } from 'commander';
import type { z } from 'zod';
import { readConfigFile } from './config-file.ts';
import { derivedDefaults } from './derived.ts';
import { refuseUnknownEnvironment } from './environment.ts';
import { type Entry, type Layout, registerFlags } from './flags.ts';
import { environmentName, kebab } from './names.ts';
import { type PipelineSettings, pipelineSettings } from './pipeline.ts';
import { resolveSettings } from './resolve.ts';
import { allSections } from './sections.ts';
import { type Sections, settingsOf } from './setting.ts';
import { shown } from './show.ts';

type Resolved<Own extends Sections> = { [Section in keyof Own]: z.infer<Own[Section]> } & {
  pipeline: PipelineSettings;
  /** The configuration file's path, if one was given. */
  configFile: string | undefined;
};

/** How the help presents the settings of a command. */
export interface Presentation<Own extends Sections> extends Layout {
  /** Under which heading the help lists a section's flags. */
  readonly headings?: { readonly [Section in keyof Own]?: string };
  /** Which of the pipeline's common settings the help lists; every role takes them all. */
  readonly pipeline?: readonly (keyof PipelineSettings)[];
}

/**
 * Gives a command the settings of some sections, and those that the whole pipeline shares: as flags, from the environment
 * and from the file that `--config` names. A setting that two sections share (by name) is one flag for both.
 *
 * @returns reads and validates them, when the command runs
 */
export function commandSettings<Own extends Sections>(
  command: Command,
  sections: Own,
  presentation: Presentation<Own> = {},
): () => Resolved<Own> {
  registerFlags(command, entries(sections, presentation), presentation);
  command.option(
    '-c, --config <file>',
    'configuration file (YAML or JSON), see docs/guides/configuration.md',
  );
  command.addHelpText('after', () => inTheEnvironment(sections));
  return () => {
    const given = command.opts() as Record<string, unknown> & { config?: string };
    const every = allSections();
    refuseUnknownEnvironment(every);
    const file = given.config === undefined ? {} : readConfigFile(given.config, every);
    const from = { flags: given, fileName: given.config };
    const pipeline = resolveSettings('pipeline', pipelineSettings, { ...from, file: file.pipeline });
    const defaults = derivedDefaults(pipeline);
    const resolved = Object.entries(sections).map(([section, schema]) => [
      section,
      resolveSettings(section, schema, { ...from, file: file[section], defaults: defaults[section] }),
    ]);
    return { ...Object.fromEntries(resolved), pipeline, configFile: given.config } as Resolved<Own>;
  };
}

/** Where else a setting can be given, by the example of the first. */
function inTheEnvironment(sections: Sections): string {
  const [section, schema] = Object.entries(sections)[0]!;
  const { key } = settingsOf(schema)[0]!;
  return `\nEach setting is an environment variable too: --${kebab(key)} is\n${environmentName(section, key)}.`;
}

function entries<Own extends Sections>(sections: Own, presentation: Presentation<Own>): Entry[] {
  const notes = derivedDefaults({ ...pipelineSettings.parse({}), dataDir: '<data-dir>' });
  const own = Object.entries(sections).flatMap(([section, schema]) =>
    settingsOf(schema).map((setting) => ({
      setting,
      heading: presentation.headings?.[section] ?? 'Settings:',
      note: shown(notes[section]?.[setting.key], setting.unit) || undefined,
      hidden: false,
    })),
  );
  const listed: readonly string[] = presentation.pipeline ?? Object.keys(pipelineSettings.shape);
  const common = settingsOf(pipelineSettings).map((setting) => ({
    setting,
    heading: 'The pipeline:',
    note: undefined,
    hidden: !listed.includes(setting.key),
  }));
  return [...own, ...common];
}
