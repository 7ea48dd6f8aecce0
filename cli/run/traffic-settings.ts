import type { Command } from 'commander';
import { type TrafficSettings, trafficSettings } from '../../simulator/plan/index.ts';
import { commandSettings } from '../settings/command-settings.ts';
import { requireTraffic } from './require-traffic.ts';

/**
 * Gives a command the settings of simulated traffic. `between` adds the options that the help lists after the first of them.
 *
 * @returns reads them, when the command runs; throws a UsageError for traffic that is too little to say anything
 */
export function trafficCommandSettings(
  command: Command,
  between: (command: Command) => void,
): () => TrafficSettings {
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
  return () => {
    const { traffic } = settings();
    requireTraffic(traffic);
    return traffic;
  };
}
