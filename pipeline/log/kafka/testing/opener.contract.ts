import type { EventLog } from '../../port.ts';
import { openKafkaLog } from '../kafka-log.ts';

/** Opens the log as the contract's tests want it: sessions that are short, and not so short that a pause for garbage ends them, segments that end soon. */
export async function open(address: string): Promise<EventLog> {
  return openKafkaLog({
    brokers: [address],
    clientId: 'clickproof-test',
    sessionTimeoutMs: 3_000,
    heartbeatMs: 100,
    rebalanceTimeoutMs: 3_000,
    drainTimeoutMs: 2_500,
    topicConfig: { 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.1' },
  });
}
