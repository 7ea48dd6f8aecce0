import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { comeBack } from './come-back.ts';
import { type FaultKind, type FaultWorld, losableFromNow, Witness } from './kind.ts';

const fields = z.strictObject({
  unheard: z.literal('filebeat').describe('Who is killed before it hears that Kafka has taken its lines'),
  sends: duration
    .default(5_000)
    .describe(
      'How long Kafka stands still (SIGSTOP) before: longer than it keeps lines before it sends them',
    ),
});

const WITHIN_MS = 60_000;
/**
 * So little may be left of before: a batch is to lie whole in the sockets' buffers when its shipper stands still, for of a larger one the rest
 * would never come.
 */
const CAUGHT_UP_BYTES = 100_000;
/** So long Kafka may take for what lies before it when it goes on. */
const TAKES_WITHIN_MS = 10_000;

/**
 * Kafka takes lines, and their shipper dies before it hears of that. Lines are shipped; Kafka stands still, so that some are on their way to it
 * and have no answer; the shipper stands still; Kafka goes on and takes them; the shipper is killed. Its next start must send them again.
 */
export const unheard: FaultKind<typeof fields> = {
  fields,
  touches: ({ unheard: name }) => [name, 'kafka'],
  async inject({ unheard: name, sends }, world) {
    const { stack } = world;
    const killed = new Witness(world, { table: 'faults', fault: 'SIGKILL', where: name });
    const stopped = new Witness(world, { table: 'faults', fault: 'SIGSTOP', where: 'kafka' });
    const before = await stack.state(name);
    const kafka = await stack.state('kafka');
    const from = await taken(world);
    let unshipped = Number.POSITIVE_INFINITY;
    const ships = async () => {
      unshipped = (await stack.progress()).unshippedBytes;
      return unshipped < CAUGHT_UP_BYTES && (await taken(world)) > from;
    };
    killed.note(
      await world.becomes(ships, WITHIN_MS),
      `${name} had shipped all but ${unshipped} bytes before`,
    );
    const shipped = await taken(world);
    await stack.pause('kafka');
    try {
      await world.sleep(sends);
      const { status } = await stack.state('kafka');
      stopped.note(status === 'stopped', 'kafka stood still until the end');
      // Not paused, as it is to be killed in that state.
      await stack.kill(name, 'SIGSTOP');
    } finally {
      await stack.resume('kafka');
    }
    let took = 0;
    const more = async () => {
      took = (await taken(world)) - shipped;
      return took > 0;
    };
    const heard = await world.becomes(more, TAKES_WITHIN_MS);
    killed.note(heard, `kafka took ${took} lines of ${name} while that stood still`);
    const losable = losableFromNow(world);
    await stack.kill(name, 'SIGKILL');
    killed.mayLose(losable());
    const { status, incarnation } = await stack.state('kafka');
    stopped.note(
      status === 'running' && incarnation === kafka.incarnation,
      'kafka went on, the same process as before',
    );
    const gone = await world.becomes(async () => (await stack.state(name)).status === 'down', WITHIN_MS);
    killed.note(before.status === 'running' && gone, `${name} (${before.incarnation}) ran, and was gone`);
    await comeBack(name, before, killed, world);
    return [killed.evidence(), stopped.evidence()];
  },
};

/** Where the partitions of the raw topic end, added up. */
async function taken({ stack }: FaultWorld): Promise<number> {
  return (await stack.ends(stack.topics.raw)).reduce((sum, { end }) => sum + end, 0);
}
