import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ONE_PRESS_MS } from '../cli/interrupt.ts';
import { eventually } from '../pipeline/contracts/testing/eventually.ts';
import { accessLine } from './support/access-log.ts';
import { Clickproof, clickproof, startRole, temporaryDirectory } from './support/clickproof.ts';
import { olderNode, runningWith } from './support/processes.ts';

const older = olderNode();

async function simulating(node?: string) {
  const cwd = temporaryDirectory();
  const out = join(cwd, 'run');
  const run = new Clickproof(['simulate', '--duration', '5m', '--rate', '100/s', '--out', out], {
    cwd,
    ...(node && { node }),
  });
  await run.says(/^sending {2}[1-9]/m);
  return { run, out };
}

describe.runIf(process.platform === 'linux')('a run that is interrupted', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s: drains, checks and reports', async (signal) => {
    const { run, out } = await simulating();
    run.signal(signal);
    // npm and a terminal each pass the same Ctrl-C on.
    run.signal(signal);
    const { code, stdout, stderr } = await run.ended();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Ctrl-C once more to stop at once');
    expect(stdout).toContain('PASS  every event is accounted for');
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
    expect(result).toMatchObject({ verdict: 'pass' });
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    expect(runningWith(out)).toEqual([]);
  });

  test('a second one stops at once, and nothing is left running', async () => {
    const { run, out } = await simulating();
    run.signal('SIGINT');
    await run.says(/Ctrl-C once more/);
    await new Promise((resolve) => setTimeout(resolve, ONE_PRESS_MS + 50));
    run.signal('SIGINT');
    const { code, stderr } = await run.ended();
    expect(code).toBe(130);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `what the processes stored and said is in ${join(out, 'data')}`,
    );
    await eventually(() => expect(runningWith(out)).toEqual([]));
  });

  test('killed, it leaves nothing running', async () => {
    const { run, out } = await simulating();
    run.signal('SIGKILL');
    await run.ended();
    await eventually(() => expect(runningWith(out)).toEqual([]));
  });

  test('while its stack starts, it sends nothing', async () => {
    const cwd = temporaryDirectory();
    const out = join(cwd, 'run');
    const run = new Clickproof(['simulate', '--duration', '5m', '--out', out], { cwd });
    await eventually(() => expect(existsSync(join(out, 'data', 'logs'))).toBe(true));
    run.signal('SIGINT');
    const { code, stdout, stderr } = await run.ended();
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('stopped before anything was sent');
    expect(existsSync(join(out, 'ledger'))).toBe(false);
    expect(runningWith(out)).toEqual([]);
  });

  test('of several that were asked for, begins no further one', async () => {
    const cwd = temporaryDirectory();
    const run = new Clickproof(['throughput', '--stack', 'embedded', '--duration', '5m', '--rate', '100/s'], {
      cwd,
    });
    await run.says(/^sending {2}[1-9]/m);
    run.signal('SIGINT');
    const { stdout } = await run.ended();
    expect(stdout).toContain('PASS  every event is accounted for');
    expect(readdirSync(join(cwd, 'clickproof-runs'))).toHaveLength(1);
  });

  test('a second one leaves no files of k6', async () => {
    const cwd = temporaryDirectory();
    const k6 = join(cwd, 'k6');
    const temporary = join(cwd, 'tmp');
    mkdirSync(temporary);
    writeFileSync(k6, '#!/bin/sh\ntrap "" INT\ntouch "$0-runs"\nwhile :; do sleep 1; done\n', {
      mode: 0o755,
    });
    const collector = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void collector.close());
    await once(collector, 'listening');
    const target = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const run = new Clickproof(['load', 'smoke', '--duration', '1m', '--target', target], {
      cwd,
      env: { CLICKPROOF_K6: k6, TMPDIR: temporary },
    });
    await eventually(() => expect(existsSync(`${k6}-runs`)).toBe(true));
    const files = () => readdirSync(temporary).filter((name) => name.startsWith('clickproof-k6-'));
    expect(files()).toHaveLength(1);
    run.signal('SIGINT');
    await run.says(/Ctrl-C once more/);
    await new Promise((resolve) => setTimeout(resolve, ONE_PRESS_MS + 50));
    run.signal('SIGINT');
    expect((await run.ended()).code).toBe(130);
    expect(files()).toEqual([]);
  });
});

describe.skipIf(older === undefined)(
  'under an older Node (left out where there is none on the path beside the own one)',
  () => {
    const node = older!;

    test('input, output and exit codes are those of the command', async () => {
      const enriched = await clickproof(['enrich'], { node, input: `${accessLine()}\n` });
      expect(enriched).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(enriched.stdout)).toMatchObject({
        index: 0,
        event: { page_urlhost: 'shop.example' },
      });
      expect(await clickproof(['simulate', '--rate', 'fast'], { node })).toMatchObject({ code: 2 });
    });

    test('a signal stops the role behind it, cleanly', async () => {
      const collector = await startRole(['collector', '--port', '0', '--data-dir', '.'], { node });
      expect((await fetch(`${collector.url}/health`)).status).toBe(200);
      const { code, stderr } = await collector.stop();
      expect(code).toBe(0);
      expect(stderr).toContain('collector has stopped');
      await expect(fetch(`${collector.url}/health`)).rejects.toThrow();
    });

    test.runIf(process.platform === 'linux')('killed, it leaves nothing running', async () => {
      const { run, out } = await simulating(node);
      expect(runningWith(out).length).toBeGreaterThan(2);
      run.signal('SIGKILL');
      await eventually(() => expect(runningWith(out)).toEqual([]));
    });
  },
);
