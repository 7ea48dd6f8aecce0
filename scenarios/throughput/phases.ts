import { type PlannedRequest, planTraffic, type TrafficSettings } from '../../simulator/plan/index.ts';

/** A part of a throughput scenario, in which traffic comes at one rate. */
export interface Phase {
  readonly name: string;
  /** Multiples of the scenario's rate. */
  readonly rate: number;
  /** Its share of the scenario's duration. */
  readonly share: number;
}

/** What can be asked of a pipeline: to keep a rate up, and to get through a burst and back. */
export const THROUGHPUT_SCENARIOS = {
  steady: [{ name: 'steady', rate: 1, share: 1 }],
  burst: [
    { name: 'before', rate: 1, share: 0.3 },
    { name: 'burst', rate: 5, share: 0.1 },
    { name: 'after', rate: 1, share: 0.6 },
  ],
} as const satisfies Record<string, readonly Phase[]>;

export type ThroughputScenario = keyof typeof THROUGHPUT_SCENARIOS;

/** When a phase begins and ends, seconds since the run began. */
export interface PhaseTimes extends Phase {
  readonly from: number;
  readonly to: number;
}

/** The phases of a scenario with their times; `duration` in ms. */
export function phaseTimes(scenario: ThroughputScenario, duration: number): PhaseTimes[] {
  let from = 0;
  return THROUGHPUT_SCENARIOS[scenario].map((phase) => {
    const to = from + (phase.share * duration) / 1000;
    const timed = { ...phase, from, to };
    from = to;
    return timed;
  });
}

/** The most seeds apart that the phases of one scenario are: each has visitors and events of its own. */
const SEEDS_APART = 1_000_003;

/** The traffic of all phases, one after the other, under one mark. */
export function* planPhases(
  phases: readonly PhaseTimes[],
  settings: TrafficSettings,
  mark: string,
): Generator<PlannedRequest> {
  let first = 0;
  for (const [i, { rate, from, to }] of phases.entries()) {
    const start = Math.round(from * 1000);
    const duration = Math.round(to * 1000) - start;
    const plan = planTraffic({
      ...settings,
      mark,
      rate: settings.rate * rate,
      duration,
      seed: (settings.seed + i * SEEDS_APART) % 2 ** 32,
      startAt: settings.startAt + start,
    });
    let next = first;
    for (const request of plan) {
      yield {
        ...request,
        request: first + request.request,
        due: start + Math.min(request.due, duration),
        browser: request.browser && `${i}:${request.browser}`,
        ...(request.repeats !== undefined && { repeats: first + request.repeats }),
      };
      next = first + request.request + 1;
    }
    first = next;
  }
}
