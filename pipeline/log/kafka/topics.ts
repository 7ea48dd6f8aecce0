import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError, hasCode } from '../../contracts/errors.ts';
import type { TopicSpec } from '../port.ts';
import { explain, PROTOCOL, protocolCode, topicMissing } from './errors.ts';
import { Kafka, logLevel, protocolErrorOf } from './kafkajs.ts';
import { clientConfig, type Settings, Sockets } from './options.ts';

/** Kafka limits a batch of records, not a value: what a batch of one record takes besides its value, its key included. */
export const BATCH_ALLOWANCE_BYTES = 65_536;

const TOPIC_RESOURCE = 2;
const KNOWN_WITHIN_MS = 10_000;
const FOR_EVER = '-1';
const LARGEST_INT64 = '9223372036854775807';

/** What a topic takes. */
export interface TopicLimits {
  readonly partitions: number;
  readonly maxRecordBytes: number;
  readonly compacted: boolean;
}

type Admin = ReturnType<InstanceType<typeof Kafka>['admin']>;

/** Creates topics, checks them, and remembers what they take: none of that changes while it is in use. */
export class Topics {
  readonly #settings: Settings;
  readonly #sockets = new Sockets();
  readonly #admin: Admin;
  readonly #limits = new Map<string, Promise<TopicLimits>>();
  #connected: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#admin = new Kafka({ ...clientConfig(settings, this.#sockets), logLevel: logLevel.NOTHING }).admin();
  }

  /** @throws ClickproofError TOPIC_MISMATCH */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    await this.#ask(async (admin) => {
      const known = new Set(await admin.listTopics());
      const missing = specs.filter(({ name }) => !known.has(name));
      if (missing.length === 0) return;
      await admin.createTopics({
        topics: missing.map((spec) => this.#creation(spec)),
        waitForLeaders: false,
      });
    });
    await Promise.all(specs.map((spec) => this.#check(spec)));
  }

  /** @throws ClickproofError TOPIC_MISSING */
  limits(topic: string): Promise<TopicLimits> {
    let limits = this.#limits.get(topic);
    if (limits === undefined) {
      limits = this.#describe(topic).then(({ partitions, config }) => ({
        partitions,
        maxRecordBytes: maxRecordBytes(config),
        compacted: cleanupOf(config).includes('compact'),
      }));
      this.#limits.set(topic, limits);
      limits.catch(() => this.#limits.delete(topic));
    }
    return limits;
  }

  /** Is to be asked again what these take. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#limits.delete(topic);
  }

  close(): void {
    this.#sockets.close();
  }

  #creation({ name, partitions, cleanup, retentionMs, retentionBytes, maxRecordBytes: most }: TopicSpec) {
    const config = {
      'cleanup.policy': cleanup,
      'retention.ms': String(retentionMs ?? FOR_EVER),
      'retention.bytes': String(retentionBytes ?? FOR_EVER),
      'max.message.bytes': String(most + BATCH_ALLOWANCE_BYTES),
      // A record's time is the event's, whatever it is: brokers refuse what is an hour ahead of their clock.
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.after.max.ms': LARGEST_INT64,
      'message.timestamp.before.max.ms': LARGEST_INT64,
      ...this.#settings.topicConfig,
    };
    return {
      topic: name,
      numPartitions: partitions,
      replicationFactor: this.#settings.replicationFactor ?? -1,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    };
  }

  async #check(spec: TopicSpec): Promise<void> {
    const { partitions, config } = await this.#describeCreated(spec.name);
    const bytes = (value: unknown) => `keeps ${Number(value) < 0 ? 'any number of' : value} bytes`;
    const time = (value: unknown) => `keeps records for ${Number(value) < 0 ? 'ever' : `${value} ms`}`;
    const compare: [string, unknown, unknown, (value: unknown) => string][] = [
      ['partitions', partitions, spec.partitions, (value) => `has ${value} partitions`],
      ['cleanup.policy', cleanupOf(config), spec.cleanup, (value) => `is cleaned up by ${value}`],
      ['retention.ms', config.get('retention.ms'), String(spec.retentionMs ?? FOR_EVER), time],
      ['retention.bytes', config.get('retention.bytes'), String(spec.retentionBytes ?? FOR_EVER), bytes],
      [
        'max.message.bytes',
        maxRecordBytes(config),
        spec.maxRecordBytes,
        (value) => `takes values of ${value} bytes`,
      ],
      [
        'message.timestamp.type',
        config.get('message.timestamp.type'),
        'CreateTime',
        (value) => `has timestamps by ${value}`,
      ],
    ];
    for (const [setting, is, wanted, words] of compare) {
      if (is === wanted) continue;
      throw new ClickproofError(
        'TOPIC_MISMATCH',
        `topic ${spec.name} ${words(is)}, but is wanted so that it ${words(wanted)} (${setting})`,
        { remedy: 'change the settings of one to those of the other, or choose another topic' },
      );
    }
  }

  /** What was created a moment ago is not known to every broker at once. */
  async #describeCreated(topic: string) {
    const deadline = performance.now() + KNOWN_WITHIN_MS;
    for (;;) {
      try {
        return await this.#describe(topic);
      } catch (error) {
        const unsettled =
          hasCode(error, 'TOPIC_MISSING') || protocolCode(error) === PROTOCOL.leaderNotAvailable;
        if (!unsettled || performance.now() > deadline) throw error;
      }
      await delay(20);
    }
  }

  #describe(topic: string): Promise<{ partitions: number; config: Map<string, string> }> {
    return this.#ask(async (admin) => {
      if (!(await admin.listTopics()).includes(topic)) throw topicMissing(topic);
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      if (partitions.length === 0) throw topicMissing(topic);
      if (partitions.some(({ leader }) => leader < 0)) throw protocolErrorOf(PROTOCOL.leaderNotAvailable);
      const { resources } = await admin.describeConfigs({
        resources: [{ type: TOPIC_RESOURCE, name: topic }],
        includeSynonyms: false,
      });
      const entries = resources[0]?.configEntries ?? [];
      return {
        partitions: partitions.length,
        config: new Map(entries.map(({ configName, configValue }) => [configName, configValue])),
      };
    });
  }

  async #ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    try {
      this.#connected ??= this.#admin.connect();
      await this.#connected;
      return await question(this.#admin);
    } catch (error) {
      this.#connected = undefined;
      // Where every broker has refused, as while a partition has no leader, kafkajs stumbles over the answer that it has not.
      const known = error instanceof TypeError ? protocolErrorOf(PROTOCOL.leaderNotAvailable) : error;
      throw explain(known, this.#settings.brokers);
    }
  }
}

function maxRecordBytes(config: ReadonlyMap<string, string>): number {
  return Number(config.get('max.message.bytes')) - BATCH_ALLOWANCE_BYTES;
}

/** `compact,delete` does both. */
function cleanupOf(config: ReadonlyMap<string, string>): string {
  return config.get('cleanup.policy') ?? 'delete';
}
