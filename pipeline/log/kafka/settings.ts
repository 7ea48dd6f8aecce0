import type { SASLOptions } from 'kafkajs';
import { z } from 'zod';
import { certificatesOf } from '../../contracts/certificates.ts';
import { duration } from '../../contracts/units.ts';
import type { KafkaLogOptions } from './options.ts';

/** How the event log on Kafka is reached. */
export const kafkaSettings = z.strictObject({
  kafkaBrokers: z
    .array(z.string().regex(/^.+:\d{1,5}$/, 'a broker is named as host:port'))
    .min(1)
    .default(['127.0.0.1:9092'])
    .describe('some brokers of Kafka, each host:port; the others are learned from them'),
  kafkaTls: z.union([z.boolean(), z.stringbool()]).default(false).describe('reach Kafka by TLS'),
  kafkaCaFile: z
    .string()
    .min(1)
    .optional()
    .describe('certificates (PEM) that Kafka is trusted by, besides the usual ones'),
  kafkaUser: z.string().default('').describe('user name (SASL); empty: none is needed'),
  kafkaPassword: z.string().default('').describe('password (SASL)'),
  kafkaMechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('how user and password are shown to Kafka'),
  kafkaReplicas: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('copies of each partition of a topic that is made; what the broker has set when not given'),
  kafkaConnectTimeout: duration.default(60_000).describe('how long to wait for Kafka at start'),
});

export type KafkaSettings = z.output<typeof kafkaSettings>;

/** @throws ClickproofError USAGE the file of certificates cannot be read */
export function kafkaLogOptions(settings: KafkaSettings): KafkaLogOptions {
  const { kafkaBrokers, kafkaTls, kafkaCaFile, kafkaReplicas } = settings;
  return {
    brokers: kafkaBrokers,
    tls:
      kafkaTls && kafkaCaFile !== undefined
        ? { ca: certificatesOf(kafkaCaFile, '--kafka-ca-file') }
        : kafkaTls,
    sasl: credentials(settings),
    replicationFactor: kafkaReplicas,
  };
}

function credentials({
  kafkaUser: username,
  kafkaPassword: password,
  kafkaMechanism: mechanism,
}: KafkaSettings): SASLOptions | undefined {
  return username === '' ? undefined : { mechanism, username, password };
}
