import { randomBytes } from 'node:crypto';

/** Names a run of a benchmark's, in the names of its containers. */
export function benchRun(): string {
  return `bench-${process.pid}-${randomBytes(3).toString('hex')}`;
}
