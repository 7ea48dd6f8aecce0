import { batchLimits } from '../group/batches.ts';
import { endRunners, held, reporter, within } from '../group/members.ts';
import { PartitionRunner } from '../group/partition-runner.ts';
import type { Consumer, ConsumerOptions } from '../port.ts';
import { Fetcher } from './fetcher.ts';
import { Membership } from './group/membership.ts';
import { KafkaHolding } from './holding.ts';
import { Session } from './session.ts';

interface Ending {
  readonly done: Promise<void>;
  /** It was waited for long enough, or somebody else may have the partition already. */
  givenUp: boolean;
}

/** A member of a group: keeps its membership alive and a runner for each partition assigned to it. */
export class GroupConsumer implements Consumer {
  readonly done: Promise<void>;
  readonly #options: ConsumerOptions;
  readonly #report: ReturnType<typeof reporter>;
  /** Of the log: for what must not wait behind joining and fetching. */
  readonly #other: Session;
  readonly #session: Session;
  /** What asks for leaders and records must not wait behind joining either, nor take its connection down with it. */
  readonly #fetching: Session;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  readonly #runners = new Map<number, PartitionRunner>();
  /** The last runner of each partition that was taken away, until it has ended. */
  readonly #ending = new Map<number, Ending>();
  readonly #stopping = new AbortController();
  readonly #left = new AbortController();
  #refusal: { error: unknown } | undefined;

  constructor(options: ConsumerOptions, other: Session) {
    this.#options = options;
    this.#report = reporter(options);
    this.#other = other;
    const { settings } = other;
    // What takes longer than the session to answer cannot keep it alive.
    const requestTimeoutMs = Math.min(settings.requestTimeoutMs, settings.sessionTimeoutMs);
    this.#session = new Session({ ...settings, requestTimeoutMs });
    this.#fetching = new Session({ ...settings, requestTimeoutMs });
    this.#fetcher = new Fetcher(this.#fetching, options.topic, (error) => this.#report(error, -1));
    this.#membership = new Membership({
      group: options.group,
      topic: options.topic,
      session: this.#session,
      other,
      owned: () => this.#owned(),
      assigned: (partitions) => this.#assigned(partitions),
      lost: () => this.#lost(),
      report: (error) => this.#report(error, -1),
    });
    this.done = this.#run();
    // Whoever does not wait for `done` has `onError` and `stop`.
    this.done.catch(() => {});
  }

  assignment(): readonly number[] {
    return held(this.#runners);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done.catch(() => {});
  }

  async #run(): Promise<void> {
    const belonging = this.#membership.run(this.#left.signal);
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    if (this.#stopping.signal.aborted) resolve();
    this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    await stopped;
    await this.#end();
    this.#session.close();
    this.#fetching.close();
    await belonging;
    if (this.#refusal !== undefined) throw this.#refusal.error;
  }

  /** Lets batches in hand finish, for a while; then leaves, and waits for the handlers whatever they take. */
  async #end(): Promise<void> {
    const ending = [...this.#ending.values()].map(({ done }) => done);
    const { ended } = await endRunners(this.#runners.values(), ending, this.#other.settings);
    this.#left.abort();
    this.#fetcher.stop();
    try {
      await this.#membership.leave();
    } catch (error) {
      // The others notice by the session's time-out.
      this.#report(error, -1);
    }
    await ended;
    this.#runners.clear();
  }

  #owned(): number[] {
    const ending = [...this.#ending].filter(([, { givenUp }]) => !givenUp).map(([partition]) => partition);
    return [...new Set([...this.#runners.keys(), ...ending])];
  }

  /** Brings the runners in line with what was assigned. */
  #assigned(partitions: readonly number[]): void {
    const revoked = [...this.#runners.keys()].filter((partition) => !partitions.includes(partition));
    for (const partition of revoked) this.#revoke(partition);
    if (revoked.length > 0) void this.#letGo(revoked);
    if (this.#stopping.signal.aborted) return;
    for (const partition of partitions) {
      if (!this.#runners.has(partition)) this.#runners.set(partition, this.#runner(partition));
    }
  }

  /** Waits until revoked partitions are released, but not for ever; then tells the group that they are free. */
  async #letGo(partitions: readonly number[]): Promise<void> {
    const endings = partitions.flatMap((partition) => this.#ending.get(partition) ?? []);
    await within(this.#other.settings.sessionTimeoutMs, Promise.all(endings.map(({ done }) => done)));
    for (const ending of endings) ending.givenUp = true;
    this.#membership.rejoin();
  }

  #lost(): void {
    for (const partition of [...this.#runners.keys()]) this.#revoke(partition);
    for (const ending of this.#ending.values()) ending.givenUp = true;
  }

  #revoke(partition: number): void {
    const runner = this.#runners.get(partition)!;
    this.#runners.delete(partition);
    runner.revoke();
    const before = this.#ending.get(partition);
    const ending: Ending = {
      givenUp: false,
      done: Promise.all([before?.done, runner.done]).then(() => {
        if (this.#ending.get(partition) === ending) this.#ending.delete(partition);
      }),
    };
    this.#ending.set(partition, ending);
  }

  #runner(partition: number): PartitionRunner {
    const { topic } = this.#options;
    return new PartitionRunner({
      consumer: this.#options,
      partition,
      holding: new KafkaHolding({
        topic,
        partition,
        limits: batchLimits(this.#options),
        session: this.#other,
        fetcher: this.#fetcher,
        commitOffset: (offset, holds) => this.#membership.commit(partition, offset, holds),
      }),
      after: this.#ending.get(partition)?.done,
      report: (error) => this.#report(error, partition),
      refuse: (error) => {
        this.#refusal ??= { error };
        this.#stopping.abort();
      },
    });
  }
}
