import type { KafkaConnection } from '../../containers/connections.ts';
import { advertisedBrokers } from '../../containers/external/index.ts';
import { requireOwned } from './owned.ts';

/**
 * Kafka's clients go where its brokers say, wherever they were first sent.
 *
 * @throws UsageError as `requireOwned`, for a broker
 */
export async function requireOwnedBrokers(
  kafka: KafkaConnection,
  owned: boolean,
  brokersOf: typeof advertisedBrokers = advertisedBrokers,
): Promise<void> {
  if (owned) return;
  for (const broker of await brokersOf(kafka)) requireOwned(broker, owned);
}
