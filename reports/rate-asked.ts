import type { Result } from './result.ts';

/** Events of a simulated visit, in the mean. */
const EVENTS_IN_A_VISIT = 16;
/** Nearer than this the asked rate counts as reached. */
const NEAR = 0.05;
/** The traffic of these comes at one rate from its begin to its end. */
const STEADY = ['simulate', 'load'];

/** The rate that was asked for, and, where another came of it, why. */
export interface RateAsked {
  /** Events a second. */
  readonly rate: number;
  /** One sentence; undefined where the rate was reached, or what was sent decided otherwise (stopped, requests that were given up). */
  readonly why?: string;
}

/** What the settings asked for; undefined where they do not say (a replay), or time was not kept (`--speed`). */
export function rateAsked({ command, settings, traffic }: Result): RateAsked | undefined {
  const { rate, speed } = settings;
  if (!STEADY.includes(command) || typeof rate !== 'number' || (speed ?? 'realtime') !== 'realtime')
    return undefined;
  const off = traffic.eventsPerSecond / rate - 1;
  const { dropped, bottleneck } = traffic.generator;
  if (Math.abs(off) <= NEAR || traffic.stopped || dropped > 0) return { rate };
  // Visits come as a Poisson process: two standard deviations of their number.
  const usual = 2 * Math.sqrt(EVENTS_IN_A_VISIT / (rate * traffic.seconds));
  // More than chance explains is the machine's doing.
  if (bottleneck && Math.abs(off) > usual) return { rate };
  return {
    rate,
    why:
      `visitors come by chance and send some ${EVENTS_IN_A_VISIT} events each, so the rate holds over a long run; ` +
      `one of this length is within ${Math.ceil(usual * 20) * 5} % of it most times`,
  };
}
