import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { ClickproofError } from './errors.ts';

/**
 * What a server is trusted by: the usual certificate authorities, and those of a file (PEM).
 *
 * @param flag the setting that named the file, for the message
 * @throws ClickproofError USAGE the file cannot be read
 */
export function certificatesOf(file: string, flag: string): string[] {
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')];
  } catch (cause) {
    throw new ClickproofError('USAGE', `${file} cannot be read`, {
      remedy: `name a file with certificates (PEM) with ${flag}`,
      cause,
    });
  }
}
