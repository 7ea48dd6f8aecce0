import { copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../../pipeline/contracts/errors.ts';
import { type GoModule, type GoProgram, goStage, moduleSource } from '../go.ts';
import { run } from '../program.ts';
import type { ImageRecipe } from '../recipe.ts';

const BEATS: GoModule = {
  path: 'github.com/elastic/beats/v7',
  version: 'v7.17.29',
  sum: 'h1:xZD9AOJSheSUy96zjPo3K1UlwM2ROihnosUfTctGmv8=',
};
/** The Kafka client that this Filebeat is built with. */
const SARAMA: GoModule = {
  path: 'github.com/elastic/sarama',
  version: 'v1.19.1-0.20210823122811-11c3ef800752',
  sum: 'h1:5/RUNg7rkIvayjPhAIoI3v8p45NfWcfWs5DZSElycis=',
};

const program: GoProgram = { name: 'filebeat', module: BEATS, package: './filebeat' };

/**
 * The client commits offsets by version 1 of that request unless a retention is set, and Kafka 4 has dropped version 1. Version 2
 * with the retention -1 ("as the broker has it") says the same.
 */
const COMMIT_V1 = `		perPartitionTimestamp = ReceiveTime
		r = &OffsetCommitRequest{
			Version:                 1,
`;
const COMMIT_V2 = `		r = &OffsetCommitRequest{
			Version:                 2,
			RetentionTime:           -1,
`;

export const filebeatRecipe: ImageRecipe = {
  id: 'filebeat',
  about: 'Filebeat 7.17.29 (the part under the Apache licence) built from its Go module',
  folder: 'filebeat',
  stages: [goStage(program)],
};

export const filebeatKafka4Recipe: ImageRecipe = {
  id: 'filebeatKafka4',
  about: 'The same, changed so that its Kafka input commits offsets on Kafka 4 and later',
  folder: 'filebeat',
  buildArguments: { PROGRAM: 'filebeat-kafka4' },
  stages: [
    goStage({
      ...program,
      name: 'filebeat-kafka4',
      change: {
        inputs: [SARAMA.sum, COMMIT_V1, COMMIT_V2],
        async moduleFile(source, scratch, signal) {
          const client = join(scratch, 'sarama');
          await cp(await moduleSource(SARAMA, signal), client, { recursive: true });
          await run('chmod', ['-R', 'u+w', client]);
          await replaceInFile(join(client, 'offset_manager.go'), COMMIT_V1, COMMIT_V2);
          const moduleFile = join(scratch, 'go.mod');
          await copyFile(join(source, 'go.mod'), moduleFile);
          await copyFile(join(source, 'go.sum'), join(scratch, 'go.sum'));
          await run('chmod', ['u+w', moduleFile, join(scratch, 'go.sum')]);
          await run('go', ['mod', 'edit', `-replace=github.com/Shopify/sarama=${client}`, moduleFile]);
          return moduleFile;
        },
      },
    }),
  ],
};

/** Changes a text in a file that must contain it exactly once. */
async function replaceInFile(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) {
    throw new ClickproofError('PATCH_DOES_NOT_FIT', `${path} does not have the place that is to be changed`);
  }
  await writeFile(
    path,
    text.replace(from, () => to),
  );
}
