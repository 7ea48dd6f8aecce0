import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineForTests } from '../containers/testing/engine.ts';
import { BESIDE, HOPS, REFERENCES } from './hops/hops.ts';
import { type Rig, startRig } from './hops/rig.ts';
import { writeAccessLog } from './samples/access-file.ts';
import { besideFilebeat } from './shipper/beside-filebeat.ts';

const { engine, why } = await engineForTests();
const LINES = 60;

describe.skipIf(!engine)(`benchmarks on servers ${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-bench-servers-'));
  const file = join(folder, 'tracking.log');
  beforeAll(() => writeAccessLog(file, LINES));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes every event through each hop and what it is compared with', async () => {
    const rig: Rig = await startRig({ file, lines: LINES }, new AbortController().signal);
    const steps = await rig.round().finally(() => rig.stop());
    expect([...steps.keys()].sort()).toEqual(['shipper', ...HOPS, ...Object.keys(REFERENCES)].sort());
    for (const { measured, cost } of steps.values()) {
      expect(measured.count).toBe(LINES);
      expect(measured.seconds).toBeGreaterThan(0);
      expect(cost.get('kafka')).toBeGreaterThanOrEqual(0);
    }
    for (const reference of Object.values(BESIDE)) expect(steps.has(reference)).toBe(true);
  });

  it('ships the same file by our shipper and by Filebeat', async () => {
    const sample = { folder, file, lines: LINES, lineBytes: 0 };
    const [found] = await besideFilebeat(sample, { rounds: 1, say: () => {} });
    expect(found!.reference!.name).toContain('beats/filebeat');
    expect(found!.aim).toBe(found!.reference!.value);
  });
});
