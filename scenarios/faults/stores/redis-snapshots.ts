import { Redis } from 'ioredis';
import type { Marks, ProfileSnapshots } from './profile-snapshots.ts';

const TIMEOUT_MS = 10_000;

/** Every key with its time to live and what it holds, seen in one step. */
const DUMP = `
  local all = {}
  for _, key in ipairs(redis.call('KEYS', '*')) do
    all[#all + 1] = { key, tostring(redis.call('PTTL', key)), redis.call('DUMP', key) }
  end
  return all`;

const MARKS = `
  local marks = {}
  for _, key in ipairs(redis.call('KEYS', '*:mark')) do
    marks[#marks + 1] = { key, redis.call('HGET', key, 'mark') }
  end
  return marks`;

/** A Redis of a test's own, all of whose keys are profiles. */
export class RedisSnapshots implements ProfileSnapshots {
  readonly #client: Redis;
  #taken: readonly (readonly [key: Buffer, ttl: Buffer, value: Buffer])[] = [];

  constructor(url: string) {
    this.#client = new Redis(url, { connectionName: 'clickproof-faults', commandTimeout: TIMEOUT_MS });
    // What fails for it says so itself.
    this.#client.on('error', () => {});
  }

  async marks(): Promise<Marks> {
    return marksOf(await this.#client.eval(MARKS, 0));
  }

  async take(): Promise<void> {
    this.#taken = (await this.#client.callBuffer('EVAL', DUMP, '0')) as [Buffer, Buffer, Buffer][];
  }

  async setBack(to: 'snapshot' | 'nothing'): Promise<Marks> {
    const step = this.#client.multi().flushdb();
    if (to === 'snapshot') {
      for (const [key, ttl, value] of this.#taken) step.restore(key, Math.max(0, Number(ttl)), value);
    }
    const answers = (await step.eval(MARKS, 0).exec())!;
    const error = answers.find(([error]) => error !== null)?.[0];
    if (error) throw error;
    return marksOf(answers.at(-1)![1]);
  }

  /** From now on nothing more is written to its file: what it starts with again is what it holds now. */
  async forgetFromNow(): Promise<void> {
    await this.#client.config('SET', 'appendonly', 'no');
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }
}

function marksOf(answer: unknown): Marks {
  return new Map((answer as [string, string][]).map(([key, mark]) => [key, Number(mark)]));
}
