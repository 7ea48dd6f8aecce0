import type { BenchmarkResult } from '../../reports/result.ts';
import type { BenchContext } from '../benchmark.ts';
import { figure } from '../figure.ts';
import { slope } from '../statistics/estimate.ts';
import type { StackKind } from './measured-stack.ts';
import { memoryByMinute, total } from './memory.ts';
import { runAt } from './verify.ts';

/** More than this a minute is not flat, MB. */
const GROWTH_AIM_MB = 3;
/** Until so many minutes are over caches fill up. */
const WARM_MINUTES = 2;
const SHARE_OF_SUSTAINED = 0.5;

/** Minutes of steady traffic: whether memory stays flat. */
export async function memoryRun(
  context: BenchContext,
  kind: StackKind,
  sustained: number,
): Promise<BenchmarkResult> {
  const rate = context.rate ?? sustained * SHARE_OF_SUSTAINED;
  context.say(
    `${kind.folder}: ${context.minutes} minutes at ${Math.round(rate)} events/s, then the check of every event`,
  );
  const { result } = await runAt(rate, context.minutes * 60, context, kind, { seed: 7, showProgress: true });
  const minutes = memoryByMinute(result.timeline);
  const warm = minutes.length > WARM_MINUTES + 1 ? minutes.slice(WARM_MINUTES) : minutes;
  const roles = [...(minutes[0]?.keys() ?? [])];
  return {
    ...figure({
      name: 'growth of memory',
      unit: 'MB a minute',
      samples: [slope(warm.map(total))],
      aim: GROWTH_AIM_MB,
      better: 'less',
      notes: [
        `${context.minutes} minutes at ${Math.round(rate)} events/s, ${result.traffic.events} events, the ledger: ${result.verdict}; peak ${Math.round(result.peakMemoryBytes / 1e6)} MB`,
        `the median of the slopes between all minutes${warm === minutes ? '' : ` after the first ${WARM_MINUTES}`}`,
      ],
    }),
    series: roles.map((role) => ({
      name: role,
      points: minutes.map((memory, i) => [(i + 1) * 60, memory.get(role) ?? 0] as const),
    })),
  };
}
