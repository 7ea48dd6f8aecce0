export { openKafkaLog } from './kafka-log.ts';
export type { KafkaLogOptions } from './options.ts';
export { type KafkaSettings, kafkaLogOptions, kafkaSettings } from './settings.ts';
