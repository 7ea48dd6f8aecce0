import { Session } from 'node:inspector/promises';
import { type CpuProfile, type HotSpot, hotSpots } from './hot-spots.ts';

/** Does something and looks where this process's time goes meanwhile. */
export async function profiled<T>(
  work: () => Promise<T>,
): Promise<{ result: T; hotSpots: readonly HotSpot[] }> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    const result = await work();
    const { profile } = await session.post('Profiler.stop');
    return { result, hotSpots: hotSpots(profile as CpuProfile) };
  } finally {
    session.disconnect();
  }
}
