import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type NamedScenario, namedScenario, type Scenario } from './scenario.ts';

const FOLDER = fileURLToPath(new URL('../correctness/', import.meta.url));
const SUFFIX = '.scenario.ts';

/**
 * The scenarios that are declared, by name.
 *
 * @throws ClickproofError SCENARIO_INVALID
 */
export async function loadScenarios(folder = FOLDER): Promise<NamedScenario[]> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const declared = (await import(pathToFileURL(join(folder, file)).href)) as { default: Scenario };
      return namedScenario(file.slice(0, -SUFFIX.length), declared.default);
    }),
  );
}
