import { describe, it } from 'vitest';
import { engineForTests, testRun } from '../../containers/testing/engine.ts';
import { registerShortSet } from './short.ts';

const { engine, why } = await engineForTests();

if (engine) await registerShortSet('containers', testRun('scenarios'));
else describe.skip('scenarios', () => it(why, () => {}));
