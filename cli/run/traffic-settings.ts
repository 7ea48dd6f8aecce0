import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { type TrafficSettings, trafficSettings } from '../../simulator/plan/index.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { requireTraffic } from './require-traffic.ts';

/**
 * Gives a command the settings of simulated traffic. `between` adds the options that the help lists after the first of them.
 *
 * @returns reads them, when the command runs; throws a UsageError for traffic that is too little to say anything. Traffic for services that
 *   stay gets a mark of its own each time: events of an earlier run would count as repeats
 */
export function trafficCommandSettings(
  command: Command,
  between: (command: Command) => void,
): (flags: { readonly stack?: string }) => TrafficSettings {
  const settings = commandSettings(
    command,
    { traffic: trafficSettings },
    {
      headings: { traffic: 'More of the traffic:' },
      groups: [{ heading: 'The traffic:', keys: ['visitors', 'rate', 'duration', 'seed', 'bots', 'faulty'] }],
      between,
      pipeline: [],
    },
  );
  return ({ stack }) => {
    const { traffic } = settings();
    requireTraffic(traffic);
    if (stack !== 'external' || traffic.mark !== undefined) return traffic;
    return { ...traffic, mark: `cp-${randomBytes(4).toString('hex')}` };
  };
}
