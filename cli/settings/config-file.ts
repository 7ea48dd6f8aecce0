import { readFileSync } from 'node:fs';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { UsageError } from '../usage-error.ts';
import { didYouMean } from './nearest.ts';
import type { Sections } from './setting.ts';

export type ConfigFile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Reads a configuration file: one section a role, each checked for names that do not exist. */
export function readConfigFile(path: string, sections: Sections): ConfigFile {
  const parsed = parse(path);
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new UsageError(
      `${path} holds no sections`,
      `it should look like this:\n    collector:\n      port: 8080`,
    );
  }
  const file: Record<string, Record<string, unknown>> = {};
  for (const [section, content] of Object.entries(parsed)) {
    const schema = sections[section];
    if (!schema) {
      throw new UsageError(
        `${path}: there is no section "${section}"`,
        didYouMean(section, Object.keys(sections)),
      );
    }
    // A section whose lines are all commented out.
    if (content === null) continue;
    if (typeof content !== 'object' || Array.isArray(content)) {
      throw new UsageError(`${path}: section "${section}" must hold settings, one a line`);
    }
    const known = Object.keys(schema.shape);
    const unknown = Object.keys(content).find((key) => !known.includes(key));
    if (unknown !== undefined) {
      throw new UsageError(`${path}: ${section} has no setting "${unknown}"`, didYouMean(unknown, known));
    }
    file[section] = content as Record<string, unknown>;
  }
  return file;
}

function parse(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'access is denied' }[
        code ?? ''
      ] ?? message;
    throw new UsageError(
      `cannot read the configuration file ${path}: ${why}`,
      'check the path; docs/guides/configuration.md says what goes into it',
      error,
    );
  }
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(
      `${path} is not YAML: ${error.message.split('\n')[0]!.replace(/:$/, '')}`,
      undefined,
      error,
    );
  }
}
