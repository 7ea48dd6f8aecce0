import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readConfigFile } from '../cli/settings/config-file.ts';
import { environmentName } from '../cli/settings/names.ts';
import { resolveSettings } from '../cli/settings/resolve.ts';
import { allSections } from '../cli/settings/sections.ts';
import { settingsOf } from '../cli/settings/setting.ts';
import { temporaryDirectory } from './support/clickproof.ts';
import { configurationReference } from './support/configuration-reference.ts';

const guide = fileURLToPath(new URL('../docs/guides/configuration.md', import.meta.url));
const external = fileURLToPath(new URL('../docs/guides/external.md', import.meta.url));
const proving = fileURLToPath(new URL('../docs/guides/prove-your-own.md', import.meta.url));

// After a change of a schema: vitest run test/configuration.test.ts --update
test('the guide is what the schemas say', async () => {
  await expect(configurationReference()).toMatchFileSnapshot(guide);
});

test('every example in the guides is a file that is read', () => {
  const texts = [guide, external, proving].map((file) => readFileSync(file, 'utf8'));
  const examples = texts.flatMap((text) =>
    [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!),
  );
  expect(examples.length).toBeGreaterThan(3);
  const path = join(temporaryDirectory(), 'example.yaml');
  for (const example of examples) {
    writeFileSync(path, example);
    const file = readConfigFile(path, allSections());
    for (const [section, content] of Object.entries(file)) {
      const needed = { clickhouse: { path: 'data' }, shipper: { id: 'a', logFile: 'log' } };
      const settings = { defaults: needed[section as keyof typeof needed], file: content, environment: {} };
      expect(() => resolveSettings(section, allSections()[section]!, settings)).not.toThrow();
    }
  }
});

test('every setting says what it is, and has an environment variable of its own', () => {
  const names = Object.entries(allSections()).flatMap(([section, schema]) =>
    settingsOf(schema).map((setting) => {
      expect(setting.description, `${section}.${setting.key}`).not.toBe('');
      return environmentName(section, setting.key);
    }),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('flags overrule the environment, which overrules the file, which overrules the default', () => {
  const schema = allSections().collector!;
  const port = (given: Parameters<typeof resolveSettings>[2]) =>
    resolveSettings('collector', schema, { environment: {}, ...given }).port;
  const file = { port: 1 };
  const environment = { CLICKPROOF_COLLECTOR_PORT: '2' };
  expect(port({})).toBe(8080);
  expect(port({ file })).toBe(1);
  expect(port({ file, environment })).toBe(2);
  expect(port({ file, environment, flags: { port: '3' } })).toBe(3);
  expect(port({ file, environment: { CLICKPROOF_COLLECTOR_PORT: '' } })).toBe(1);
});

test('a switch can be turned either way against the file', () => {
  const schema = allSections().collector!;
  const secure = (file: boolean, flag: boolean) =>
    resolveSettings('collector', schema, {
      environment: {},
      file: { cookieSecure: file },
      flags: { cookieSecure: flag },
    }).cookieSecure;
  expect([secure(true, false), secure(false, true)]).toEqual([false, true]);
});
