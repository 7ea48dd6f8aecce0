import type { UserAgentRules } from '../../resources/uap-core.ts';
import { Lru } from '../lru.ts';
import { NEWER_BROWSERS } from './newer-browsers.ts';
import { RuleSet } from './rule-set.ts';

/** The data of `ua_parser_context/1-0-0`. */
export interface UserAgentData {
  readonly useragentFamily: string;
  readonly useragentMajor: string | null;
  readonly useragentMinor: string | null;
  readonly useragentPatch: string | null;
  readonly useragentVersion: string;
  readonly osFamily: string;
  readonly osMajor: string | null;
  readonly osMinor: string | null;
  readonly osPatch: string | null;
  readonly osPatchMinor: string | null;
  readonly osVersion: string;
  readonly deviceFamily: string;
}

/** Beyond this, no expression is tried on a user agent: some of them take time quadratic in its length. */
const LONGEST = 1000;

/** Makes a parser of user agents by uap-core's rules, which remembers the last `cacheSize` it has seen. */
export function userAgentParser(
  rules: UserAgentRules,
  cacheSize: number,
): (userAgent: string) => UserAgentData {
  const cache = new Lru<UserAgentData>(cacheSize);
  const browsers = new RuleSet([...NEWER_BROWSERS, ...rules.user_agent_parsers]);
  const systems = new RuleSet(rules.os_parsers);
  const devices = new RuleSet(rules.device_parsers);

  function parse(userAgent: string): UserAgentData {
    const text = userAgent.slice(0, LONGEST);
    const lowerCase = text.toLowerCase();
    const browser = versions(
      browsers,
      text,
      lowerCase,
      'family_replacement',
      (part) => `v${part}_replacement`,
    );
    const system = versions(systems, text, lowerCase, 'os_replacement', (part) => `os_v${part}_replacement`);
    return {
      useragentFamily: browser.family,
      useragentMajor: browser.parts[0],
      useragentMinor: browser.parts[1],
      useragentPatch: browser.parts[2],
      useragentVersion: withVersion(browser.family, browser.parts.slice(0, 3)),
      osFamily: system.family,
      osMajor: system.parts[0],
      osMinor: system.parts[1],
      osPatch: system.parts[2],
      osPatchMinor: system.parts[3],
      osVersion: withVersion(system.family, system.parts),
      deviceFamily: device(devices, text, lowerCase),
    };
  }

  return (userAgent) => {
    let data = cache.get(userAgent);
    if (!data) {
      data = Object.freeze(parse(userAgent));
      cache.set(userAgent, data);
    }
    return data;
  };
}

type Parts = [string | null, string | null, string | null, string | null];

/** Family is the first group, the version's parts are the next ones, each unless replaced. */
function versions(
  rules: RuleSet,
  text: string,
  lowerCase: string,
  familyKey: string,
  partKey: (part: number) => string,
): { family: string; parts: Parts } {
  const match = rules.match(text, lowerCase);
  const parts: Parts = [null, null, null, null];
  const family = match && (replaced(match.rule[familyKey], match.groups) ?? (match.groups[1] || null));
  if (!match || !family) return { family: 'Other', parts };
  for (let part = 0; part < 4; part++) {
    parts[part] = replaced(match.rule[partKey(part + 1)], match.groups) ?? (match.groups[part + 2] || null);
  }
  return { family, parts };
}

function device(rules: RuleSet, text: string, lowerCase: string): string {
  const match = rules.match(text, lowerCase);
  return (match && (replaced(match.rule.device_replacement, match.groups) ?? match.groups[1])) || 'Other';
}

/** A replacement with `$1` to `$9` filled in; null where there is none or nothing is left of it. */
function replaced(replacement: string | undefined, groups: RegExpExecArray): string | null {
  if (replacement === undefined) return null;
  if (!replacement.includes('$')) return replacement || null;
  return replacement.replace(/\$(\d)/g, (_all, group) => groups[Number(group)] ?? '').trim() || null;
}

/** `Chrome 119.0.0`: the version ends at the first part that is missing. */
function withVersion(family: string, parts: readonly (string | null)[]): string {
  const end = parts.indexOf(null);
  const version = (end < 0 ? parts : parts.slice(0, end)).join('.');
  return version ? `${family} ${version}` : family;
}
