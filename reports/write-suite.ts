import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suitePage } from './html/suite-page.ts';
import { junit } from './junit.ts';
import type { SuiteResult } from './suite-result.ts';

/** Writes `suite.json`, `junit.xml` and `report.html` of a suite. */
export async function writeSuite(
  folder: string,
  result: SuiteResult,
): Promise<{ html: string; json: string; junit: string }> {
  await mkdir(folder, { recursive: true });
  const files = {
    html: join(folder, 'report.html'),
    json: join(folder, 'suite.json'),
    junit: join(folder, 'junit.xml'),
  };
  await writeFile(files.json, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(files.junit, junit(result));
  await writeFile(files.html, suitePage(result));
  return files;
}
