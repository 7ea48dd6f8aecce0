import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportPage } from './html/page.ts';
import type { Result } from './result.ts';

/** Writes `report.html` and `result.json` of a run. */
export async function writeReport(folder: string, result: Result): Promise<{ html: string; json: string }> {
  await mkdir(folder, { recursive: true });
  const html = join(folder, 'report.html');
  const json = join(folder, 'result.json');
  await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(html, reportPage(result));
  return { html, json };
}
