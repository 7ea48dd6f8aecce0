import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { conformanceGuide } from './guide.ts';

const guide = fileURLToPath(new URL('../../docs/guides/conformance.md', import.meta.url));

// After a change of the corpus or of the exceptions: vitest run containers/conformance/guide.test.ts --update
test('the guide is what the tests use', async () => {
  await expect(conformanceGuide()).toMatchFileSnapshot(guide);
});
