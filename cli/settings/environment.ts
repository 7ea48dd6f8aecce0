import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { IMAGE_IDS, imageName, imageVariable } from '../../containers/images/names.ts';
import { UsageError } from '../usage-error.ts';
import { fromText } from './from-text.ts';
import { environmentName } from './names.ts';
import { didYouMean } from './nearest.ts';
import type { Sections } from './setting.ts';
import { settingsOf } from './setting.ts';

const PREFIX = 'CLICKPROOF_';
/** Variables that are no settings of a section, and what they are. */
export const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  CLICKPROOF_K6:
    'the k6 that `load` runs; by default the one on PATH, else the one that `npm run images` has built',
  CLICKPROOF_CHROMIUM:
    'the Chromium that `simulate --browsers` runs; by default Playwright’s own, else the one on PATH',
  ...Object.fromEntries(
    IMAGE_IDS.map((id) => [imageVariable(id), `the image in place of \`${imageName(id, {})}\``]),
  ),
  CLICKPROOF_DEBUG: 'set to anything: the stack trace of an error, besides its message',
  CLICKPROOF_REQUIRE_SERVERS:
    'for tests: one that needs servers fails where there are none, in place of being left out; `0`: it does not, though it is CI (`CI=true`)',
  CLICKPROOF_FAIL_POINTS: 'for tests: where a worker is to die',
};

/** The settings of a section that environment variables hold; an empty variable counts as not set. */
export function readEnvironment(
  section: string,
  schema: z.ZodObject,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const setting of settingsOf(schema)) {
    const name = environmentName(section, setting.key);
    const text = environment[name];
    if (text === undefined || text === '') continue;
    found[setting.key] = setting.kind === 'structure' ? structure(name, text) : fromText(text, setting);
  }
  return found;
}

/** @throws UsageError for a variable that begins like ours and is none: a typing error, most likely. */
export function refuseUnknownEnvironment(
  sections: Sections,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const given = Object.keys(environment).filter((name) => name.startsWith(PREFIX));
  if (given.length === 0) return;
  const known = Object.entries(sections).flatMap(([section, schema]) =>
    Object.keys(schema.shape).map((key) => environmentName(section, key)),
  );
  const unknown = given.find((name) => !known.includes(name) && !Object.hasOwn(OTHER_VARIABLES, name));
  if (unknown === undefined) return;
  throw new UsageError(
    `the environment variable ${unknown} is no setting`,
    didYouMean(unknown, known, 'docs/guides/configuration.md lists them all'),
  );
}

function structure(name: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(
      `${name} is neither JSON nor YAML: ${error.message.split('\n')[0]}`,
      undefined,
      error,
    );
  }
}
