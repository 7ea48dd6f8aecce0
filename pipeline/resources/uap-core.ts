import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

/** One rule of uap-core: the first whose expression matches wins. */
export interface UserAgentRule {
  readonly regex: string;
  readonly regex_flag?: 'i';
  /** The other keys are replacements: `family_replacement`, `os_v1_replacement`… */
  readonly [replacement: string]: string | undefined;
}

/** uap-core's `regexes.yaml`. */
export interface UserAgentRules {
  readonly user_agent_parsers: readonly UserAgentRule[];
  readonly os_parsers: readonly UserAgentRule[];
  readonly device_parsers: readonly UserAgentRule[];
}

let rules: UserAgentRules | undefined;

/** The rules of the package uap-core, read once. The failsafe schema keeps every value the text it is. */
export function uapCoreRules(): UserAgentRules {
  rules ??= parse(readFileSync(createRequire(import.meta.url).resolve('uap-core/regexes.yaml'), 'utf8'), {
    schema: 'failsafe',
  }) as UserAgentRules;
  return rules;
}
