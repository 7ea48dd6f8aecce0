import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listLogFiles } from './directory.ts';
import { TrackedFile } from './tracked-file.ts';
import { TrackedFiles } from './tracked-files.ts';

const FILES = 100;

test('files that wait for room are not each compared with all that the position names', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracked-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = join(directory, 'tracking.log');
  for (let i = 0; i < FILES; i++) writeFileSync(`${log}.${i}`, `line ${i}\n`);
  const nothing = () => {};
  const files = new TrackedFiles({
    list: () => listLogFiles(log),
    ...{ maxLineBytes: 1_000, maxOpenFiles: 3, stateBytes: 1_000 },
    notices: {
      ...{ replaced: nothing, lost: nothing, vanished: nothing, unreadable: nothing, compressed: nothing },
      ...{ crowded: nothing, full: nothing },
    },
  });
  files.scan();
  const [waiting, named] = [files.all.slice(0, FILES / 2), files.all.slice(FILES / 2)];
  for (const file of named) file.splitter.reset(1);
  files.entriesChanged();
  const asked = vi.spyOn(TrackedFile.prototype, 'entry');
  onTestFinished(() => asked.mockRestore());
  expect(waiting.some((file) => files.hasRoomFor(file))).toBe(false);
  expect(asked.mock.calls.length).toBeLessThanOrEqual(FILES);
  // As soon as they are gone there is room.
  for (const file of named) file.splitter.reset(0);
  files.entriesChanged();
  expect(waiting.every((file) => files.hasRoomFor(file))).toBe(true);
  files.close();
});
