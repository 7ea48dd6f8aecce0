/** A process of the contract's tests: `node process.contract.ts OPENER LOCATION ROLE SETTINGS`. */

import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { EventLog } from '../port.ts';

const [, , opener, location, role, settings] = process.argv as string[];
const { open } = (await import(pathToFileURL(opener!).href)) as { open(location: string): Promise<EventLog> };
const log = await open(location!);

// Nobody is left behind when the tests are broken off.
process.stdin.on('end', () => process.exit()).resume();

/** Said at once, so that what was said before a SIGKILL is known. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}

if (role === 'writer') await runWriter(JSON.parse(settings!));
else runMember(JSON.parse(settings!));

/** Commits number after number to every partition of every topic, the count as offset; says each that is committed. */
async function runWriter({
  topics,
  group,
  id,
}: {
  topics: string[];
  group: string;
  id: string;
}): Promise<void> {
  const producer = await log.claim(id);
  let [next = 0] = (await log.committed(group, topics[0]!)) as (number | null)[];
  for (next ??= 0; ; next++) {
    const value = Buffer.from(`${next} ${'x'.repeat((next * 977) % 20_000)}`);
    await producer.commit({
      records: topics.flatMap((topic) =>
        [0, 1].map((partition) => ({ topic, partition, key: null, value, timestamp: Date.now() })),
      ),
      offsets: { group, topic: topics[0]!, offsets: [{ partition: 0, offset: next + 1 }] },
    });
    say(`${next + 1}`);
  }
}

/** Belongs to a group; says what it holds whenever that changes. */
function runMember({ group, topic }: { group: string; topic: string }): void {
  const consumer = log.consume({
    group,
    topic,
    handler: (partition) => ({
      claim: async () => (await log.ends(topic))[partition]!.start,
      process: async () => {},
    }),
  });
  let last = '';
  setInterval(() => {
    const now = JSON.stringify(consumer.assignment());
    if (now !== last) say(now);
    last = now;
  }, 10);
}
