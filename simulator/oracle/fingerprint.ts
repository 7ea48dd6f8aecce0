import { hash } from 'node:crypto';

const UNIT_SEPARATOR = '\u001f';

/** MD5 of the names and values of all parameters that count, sorted by name; the same however they are ordered. */
export function fingerprint(parameters: ReadonlyMap<string, string>, excludes: readonly string[]): string {
  let text = '';
  for (const name of [...parameters.keys()].sort()) {
    if (excludes.includes(name)) continue;
    text += name + UNIT_SEPARATOR + parameters.get(name) + UNIT_SEPARATOR;
  }
  return hash('md5', text, 'hex');
}
