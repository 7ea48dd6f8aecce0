import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { invalid, type NamedScenario, namedScenario, type Scenario } from './scenario.ts';

const FOLDER = fileURLToPath(new URL('../correctness/', import.meta.url));
const SUFFIX = '.scenario.ts';

/**
 * The scenarios that are declared, by name.
 *
 * @throws ClickproofError SCENARIO_INVALID, also where a file is no module or has no default export
 */
export async function loadScenarios(folder = FOLDER): Promise<NamedScenario[]> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -SUFFIX.length);
      return namedScenario(name, await declaredIn(join(folder, file), name));
    }),
  );
}

async function declaredIn(path: string, name: string): Promise<Scenario> {
  let declared: { readonly default?: Scenario };
  try {
    declared = await import(pathToFileURL(path).href);
  } catch (error) {
    throw invalid(name, `${path} cannot be loaded: ${(error as Error).message}`, error);
  }
  if (declared.default) return declared.default;
  throw invalid(name, `${path} has no default export`);
}
