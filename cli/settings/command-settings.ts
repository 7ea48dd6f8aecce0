import type { Command } from 'commander';
import type { z } from 'zod';
import { addOptions, settingsOf } from './options.ts';
import { type PipelineSettings, pipelineSettings } from './pipeline.ts';
import { readConfigFile, resolveSettings, type Sections } from './resolve.ts';
import { allSections } from './sections.ts';

type Resolved<Own extends Sections> = { [Section in keyof Own]: z.infer<Own[Section]> } & {
  pipeline: PipelineSettings;
};

/** Defaults that follow from what the whole pipeline shares, by section. */
type Derived<Own extends Sections> = (pipeline: PipelineSettings) => {
  [Section in keyof Own]?: Record<string, unknown>;
};

/**
 * Gives a command the settings of some sections, and those that the whole pipeline shares: as flags, from the environment
 * and from the file that `--config` names. A setting that two sections share (by name) is one flag for both.
 *
 * @returns reads and validates them, when the command runs
 */
export function commandSettings<Own extends Sections>(
  command: Command,
  sections: Own,
  derived: Derived<Own> = () => ({}),
): () => Resolved<Own> {
  command.option('-c, --config <file>', 'configuration file (YAML or JSON) with one section a role');
  const flags: string[] = [];
  for (const schema of [...Object.values(sections), pipelineSettings]) {
    addOptions(command, schema, flags);
    flags.push(...settingsOf(schema).map(({ key }) => key));
  }
  return () => {
    const given = command.opts() as Record<string, unknown> & { config?: string };
    const file = given.config === undefined ? {} : readConfigFile(given.config, allSections());
    const pipeline = resolveSettings('pipeline', pipelineSettings, { file: file.pipeline, flags: given });
    const defaults = derived(pipeline);
    const resolved = Object.entries(sections).map(([section, schema]) => [
      section,
      resolveSettings(section, schema, { file: file[section], flags: given, defaults: defaults[section] }),
    ]);
    return { ...Object.fromEntries(resolved), pipeline } as Resolved<Own>;
  };
}
