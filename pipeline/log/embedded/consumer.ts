import { setTimeout as delay } from 'node:timers/promises';
import { batchLimits } from '../group/batches.ts';
import { endRunners, held, reporter } from '../group/members.ts';
import { PartitionRunner } from '../group/partition-runner.ts';
import type { Consumer, ConsumerOptions } from '../port.ts';
import { type Groups, Membership } from './membership.ts';
import { Ownership } from './ownership.ts';
import type { Ledger } from './producer.ts';
import type { Reader } from './reader.ts';
import { explain } from './storage-errors.ts';
import type { Watcher } from './watcher.ts';
import type { WriteQueue } from './write-queue.ts';

const LONGEST_PAUSE_MS = 5_000;

/** What the consumers of one log share. */
export interface ConsumerEnvironment {
  readonly path: string;
  readonly reader: Reader;
  readonly watcher: Watcher;
  readonly queue: WriteQueue;
  readonly groups: Groups;
  readonly ledger: Ledger;
  /** Without a heartbeat for so long a member is dead, ms. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** How long a batch in hand may take to finish when the consumer stops, before it is told to give up, ms. */
  readonly drainTimeoutMs: number;
}

/** A member of a group: keeps its membership alive and a runner for each partition assigned to it. */
export class GroupConsumer implements Consumer {
  readonly done: Promise<void>;
  readonly #options: ConsumerOptions;
  readonly #report: ReturnType<typeof reporter>;
  readonly #env: ConsumerEnvironment;
  readonly #runners = new Map<number, PartitionRunner<Ownership>>();
  /** The last runner of each partition that was revoked, until it has ended. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #refusal: { error: unknown } | undefined;
  #generation = -1;
  #beating: Promise<void> | undefined;

  constructor(options: ConsumerOptions, env: ConsumerEnvironment) {
    this.#options = options;
    this.#env = env;
    this.#report = reporter(options, (error) => explain(error, env.path));
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
    const membership = await this.#join();
    if (membership !== undefined) {
      const heartbeat = setInterval(() => this.#beat(membership), this.#env.heartbeatMs);
      await this.#supervise(membership);
      await this.#end(membership, heartbeat);
    }
    if (this.#refusal !== undefined) throw this.#refusal.error;
  }

  async #join(): Promise<Membership | undefined> {
    for (let pause = 50; !this.#stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const membership = new Membership({
          group: this.#options.group,
          topic: this.#env.reader.catalogue.topic(this.#options.topic),
          sessionMs: this.#env.sessionTimeoutMs,
          queue: this.#env.queue,
          groups: this.#env.groups,
          ledger: this.#env.ledger,
        });
        await membership.beat();
        return membership;
      } catch (error) {
        this.#report(error, -1);
        await delay(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  #beat(membership: Membership): void {
    this.#beating ??= membership
      .beat()
      .catch((error: unknown) => this.#report(error, -1))
      .finally(() => {
        this.#beating = undefined;
      });
  }

  async #supervise(membership: Membership): Promise<void> {
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      try {
        if (membership.generation() !== this.#generation) this.#reconcile(membership);
      } catch (error) {
        this.#report(error, -1);
      }
      await this.#env.watcher.change(this.#env.heartbeatMs, signal);
    }
  }

  /** Brings the runners in line with the latest assignment. */
  #reconcile(membership: Membership): void {
    const { generation, partitions } = membership.assignment();
    for (const [partition, runner] of this.#runners) {
      if (partitions.includes(partition) && runner.holding.stillOwner()) continue;
      this.#runners.delete(partition);
      runner.revoke();
      const ending = runner.done.then(() => {
        if (this.#ending.get(partition) === ending) this.#ending.delete(partition);
      });
      this.#ending.set(partition, ending);
    }
    for (const partition of partitions) {
      if (!this.#runners.has(partition)) this.#runners.set(partition, this.#runner(membership, partition));
    }
    this.#generation = generation;
  }

  #runner(membership: Membership, partition: number): PartitionRunner<Ownership> {
    const { reader, watcher, sessionTimeoutMs } = this.#env;
    const report = (error: unknown) => this.#report(error, partition);
    return new PartitionRunner({
      consumer: this.#options,
      partition,
      holding: new Ownership({
        limits: batchLimits(this.#options),
        topic: reader.catalogue.topic(this.#options.topic),
        partition,
        membership,
        reader,
        watcher,
        releaseTimeoutMs: sessionTimeoutMs,
        report,
      }),
      after: this.#ending.get(partition),
      report,
      refuse: (error) => {
        this.#refusal ??= { error };
        this.#stopping.abort();
      },
    });
  }

  /** Lets batches in hand finish, for a while; then leaves, and waits for the handlers whatever they take. */
  async #end(membership: Membership, heartbeat: NodeJS.Timeout): Promise<void> {
    const { ended } = await endRunners(this.#runners.values(), [...this.#ending.values()], this.#env);
    clearInterval(heartbeat);
    await this.#beating;
    try {
      await membership.leave();
    } catch (error) {
      // The others notice by the session's time-out.
      this.#report(error, -1);
    }
    await ended;
    this.#runners.clear();
  }
}
