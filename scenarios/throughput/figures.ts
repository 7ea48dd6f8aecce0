import type { BenchmarkResult, Result, TimelineSample } from '../../reports/result.ts';
import { behind, mostBehind } from './behind.ts';
import type { PhaseTimes } from './phases.ts';

/** What a throughput run is about: the rate that came through, how far behind the pipeline was, and when it had caught up. */
export function throughputFigures(
  { traffic, timeline, latency }: Result,
  phases: readonly PhaseTimes[],
): BenchmarkResult[] {
  const figures = [
    figure('events sent and accounted for', 'events/s', traffic.eventsPerSecond, 'more', [
      phases
        .map(
          ({ name, rate, from, to }) => `${name}: ${rate} × the rate for ${Number((to - from).toFixed(1))} s`,
        )
        .join('; '),
      traffic.generator.bottleneck
        ? 'the generator fell behind: this says nothing of the pipeline'
        : 'the generator kept its pace',
    ]),
    figure(
      'most behind towards the end',
      's of traffic',
      mostBehind(timeline) / traffic.eventsPerSecond,
      'less',
      [
        'lines not yet shipped and records not yet committed by all groups together, in the last third of the run, in seconds of the mean rate',
      ],
    ),
  ];
  for (const { name, p99 } of latency.slice(-1)) {
    figures.push(figure(`${name}, 99th percentile`, 'ms', p99, 'less', []));
  }
  const burst = phases.findIndex(({ rate }, i) => i > 0 && rate > phases[i - 1]!.rate);
  if (burst > 0) figures.push(recovery(timeline, phases[burst]!));
  return figures;
}

/** How long after a burst it takes until the pipeline is no further behind than it had been before. */
function recovery(timeline: readonly TimelineSample[], burst: PhaseTimes): BenchmarkResult {
  const before = Math.max(0, ...timeline.filter(({ at }) => at <= burst.from).map(behind));
  const most = Math.max(0, ...timeline.filter(({ at }) => at >= burst.from).map(behind));
  const caughtUp = timeline.find((sample) => sample.at >= burst.to && behind(sample) <= before)?.at;
  const end = caughtUp ?? timeline.at(-1)?.at ?? burst.to;
  return figure('caught up after the burst', 's', end - burst.to, 'less', [
    `before it up to ${before} records were behind, afterwards up to ${most}; looked at about once a second`,
    ...(caughtUp === undefined ? ['not before the end of the run: it takes at least so long'] : []),
  ]);
}

function figure(
  name: string,
  unit: string,
  value: number,
  better: BenchmarkResult['better'],
  notes: readonly string[],
): BenchmarkResult {
  return {
    name,
    unit,
    value,
    samples: [value],
    spread: { low: value, high: value, confidence: 0 },
    better,
    notes,
  };
}
