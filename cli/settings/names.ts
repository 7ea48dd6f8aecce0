/** How a setting is called in each of the places where it can be given. */

/** `dataDir` as a flag: `data-dir`. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The environment variable of a setting: `CLICKPROOF_COLLECTOR_ACCESS_LOG`. */
export function environmentName(section: string, key: string): string {
  const screaming = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return `CLICKPROOF_${screaming(section)}_${screaming(key)}`;
}
