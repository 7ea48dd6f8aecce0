import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { requireSameFiles } from './same-files.ts';

const places = { here: tmpdir(), inside: '/var/log/clickproof' };
const saying = (output: string, exitCode = 0) => ({
  name: 'filebeat',
  exec: async (command: readonly string[]) => {
    expect(command.at(-1)).toBe(places.inside);
    return { output, exitCode };
  },
});
const { ino, dev } = statSync(places.here);

test('a directory of the same numbers is the same', async () => {
  await requireSameFiles(saying(`${ino} ${dev}\n`), places);
});

test('one of other numbers is refused', async () => {
  await expect(requireSameFiles(saying(`${ino + 1} ${dev}\n`), places)).rejects.toMatchObject({
    code: 'FILES_ELSEWHERE',
    message: expect.stringContaining('filebeat'),
  });
});

test('a container that cannot be asked is not refused', async () => {
  await requireSameFiles(saying('stat: not found', 127), places);
});
