import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../../pipeline/contracts/access-log.ts';
import { definitionFile } from './files.ts';

it('Filebeat makes no batch that the topic refuses: it would drop it, and say so in its log alone', async () => {
  const { 'output.kafka': output } = parse(String(await definitionFile('filebeat-to-kafka.yml')));
  expect(output.max_message_bytes).toBe(maxRecordBytes(DEFAULT_SIZE_LIMITS));
});
