import { expect, it } from 'vitest';
import { requireMemory } from './enough-memory.ts';

const GiB = 1024 ** 3;

it('takes a machine with room, and an engine elsewhere by its total', () => {
  requireMemory({ total: 16 * GiB, free: 3 * GiB });
  requireMemory({ total: 4 * GiB, free: undefined });
});

it('refuses a machine without, and says how much there is and what to do', () => {
  const refused = { code: 'MEMORY_TOO_SMALL', remedy: expect.stringContaining('--stack embedded') };
  expect(() => requireMemory({ total: 16 * GiB, free: 1.5 * GiB })).toThrow(
    expect.objectContaining({ ...refused, message: expect.stringContaining('1.5 GiB of 16.0 are free') }),
  );
  expect(() => requireMemory({ total: 1 * GiB, free: undefined })).toThrow(
    expect.objectContaining({ ...refused, message: expect.stringContaining('the engine has 1.0 GiB') }),
  );
});
