import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../pipeline/contracts/testing/eventually.ts';
import { startRole, temporaryDirectory } from './support/clickproof.ts';
import { topicValues } from './support/topics.ts';

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A file system of a few megabytes. */
function smallDisk(): string {
  const directory = join(temporaryDirectory(), 'disk');
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', directory]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', directory]);
  });
  return directory;
}

const PADDING = 'x'.repeat(2_500);

/** Sends one event; gives its id where the collector acknowledged it. */
async function track(url: string): Promise<string | undefined> {
  const id = randomUUID();
  const response = await fetch(
    `${url}/i?e=pv&p=web&tv=js-3&aid=shop&eid=${id}&url=http://shop.example/${PADDING}`,
  );
  await response.arrayBuffer();
  expect([200, 503]).toContain(response.status);
  return response.status === 200 ? id : undefined;
}

test.skipIf(!mayMount)(
  'a full disk (left out unless root may mount one): 503, waiting, and not an event lost',
  async () => {
    const dataDir = smallDisk();
    const where = ['--data-dir', dataDir];
    const collector = await startRole(['collector', '--port', '0', ...where]);
    const shipper = await startRole(['shipper', '--id', 'a', ...where]);
    const worker = await startRole(['worker', 'parser', ...where]);
    const acknowledged: string[] = [];
    for (;;) {
      const id = await track(collector.url);
      if (id === undefined) break;
      acknowledged.push(id);
    }
    await Promise.all([
      collector.says(/tracking\.log cannot be written; requests are answered 503/),
      shipper.says(/no space is left.*remedy="free disk space/),
      worker.says(/no space is left.*remedy="free disk space/),
    ]);

    execFileSync('mount', ['-o', 'remount,size=200m', dataDir]);
    await eventually(async () => {
      const id = await track(collector.url);
      expect(id).toBeDefined();
      acknowledged.push(id!);
    });
    await eventually(async () => {
      const processed = (await topicValues(dataDir, 'tracking_processed')).map(eventId);
      expect(processed.sort()).toEqual(acknowledged.sort());
    });
    for (const role of [collector, shipper, worker]) expect(await role.stop()).toMatchObject({ code: 0 });
    // The log holds whole lines only.
    const lines = readFileSync(join(dataDir, 'access', 'tracking.log'), 'utf8')
      .trimEnd()
      .split('\n');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  },
  120_000,
);

function eventId({ event }: Record<string, unknown>): string {
  return (event as { name: string; value: string }[]).find(({ name }) => name === 'event_id')!.value;
}
