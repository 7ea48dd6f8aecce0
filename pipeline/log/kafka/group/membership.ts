import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError } from '../../../contracts/errors.ts';
import { explain, isTransient, PROTOCOL, protocolCode } from '../errors.ts';
import { COORDINATOR, type Session } from '../session.ts';
import { assign } from './assignment.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './subscription.ts';

const PROTOCOL_NAME = 'clickproof-cooperative';
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export interface MembershipOptions {
  readonly group: string;
  readonly topic: string;
  /** For joining and heartbeats: a request to join can keep its connection busy for long. */
  readonly session: Session;
  /** For what must not wait behind it: committing offsets, leaving. */
  readonly other: Session;
  /** The partitions that are held now. */
  owned(): readonly number[];
  /** These are the member's from now on, and no others. */
  assigned(partitions: readonly number[]): void;
  /** The group has gone on without this member: nothing is held any more. */
  lost(): void;
  report(error: unknown): void;
}

interface JoinAnswer {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

/**
 * The membership in a group by Kafka's protocol of join, sync and heartbeat, cooperatively: partitions that stay are worked on while
 * the group is shared out anew, and one that moves is released by the old member before it is given to the new one.
 */
export class Membership {
  readonly #options: MembershipOptions;
  #memberId = '';
  #generation = -1;
  /** Resolves when a generation has begun or the member was thrown out. */
  #change = Promise.withResolvers<void>();
  #wake: () => void = () => {};
  #rejoin = false;
  #lastSeen = performance.now();

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Belongs to the group until the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#join();
        failures = 0;
        await this.#beat(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, failures++, signal);
      }
    }
  }

  /** What is held has changed: the others are to know. */
  rejoin(): void {
    this.#rejoin = true;
    this.#wake();
  }

  /**
   * Commits an offset under the member's generation; the broker refuses it when the group has gone on.
   *
   * @param holds whether the partition is still held: asked before each attempt
   * @throws ClickproofError FENCED
   */
  async commit(partition: number, offset: number, holds: () => boolean): Promise<void> {
    const { group, topic, other } = this.#options;
    const deadline = performance.now() + other.settings.requestTimeoutMs;
    for (;;) {
      if (!holds()) throw fenced(group, topic, partition);
      const change = this.#change.promise;
      try {
        await other.leaders(topic);
        await other.send(await other.coordinator(group, COORDINATOR.group), 'OffsetCommit', {
          groupId: group,
          groupGenerationId: this.#generation,
          memberId: this.#memberId,
          topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
        });
        return;
      } catch (error) {
        const code = protocolCode(error);
        if (code === PROTOCOL.unknownMemberId || code === PROTOCOL.fencedInstanceId) {
          this.#wake();
          throw fenced(group, topic, partition, error);
        }
        const moving = code === PROTOCOL.rebalanceInProgress || code === PROTOCOL.illegalGeneration;
        if (!(moving || isTransient(error)) || performance.now() > deadline) {
          throw moving ? fenced(group, topic, partition, error) : explain(error, other.settings.brokers);
        }
        if (!moving) other.forget();
        this.#wake();
        await Promise.race([change, delay(FIRST_PAUSE_MS)]);
      }
    }
  }

  /** Leaves at once, also while it waits to join, so that nobody waits for the end of its session. */
  async leave(): Promise<void> {
    const { group, topic, other } = this.#options;
    if (this.#memberId === '') return;
    const memberId = this.#memberId;
    this.#memberId = '';
    try {
      await other.leaders(topic);
      await other.send(await other.coordinator(group, COORDINATOR.group), 'LeaveGroup', {
        groupId: group,
        memberId,
      });
    } catch (error) {
      if (protocolCode(error) !== PROTOCOL.unknownMemberId) throw explain(error, other.settings.brokers);
    }
  }

  async #join(): Promise<void> {
    const { group, topic, session, owned } = this.#options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = session.settings;
    await session.leaders(topic);
    const coordinator = await session.coordinator(group, COORDINATOR.group);
    this.#rejoin = false;
    const metadata = encodeSubscription({ topic, owned: owned() });
    const request = () =>
      session.send<JoinAnswer>(coordinator, 'JoinGroup', {
        groupId: group,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        memberId: this.#memberId,
        protocolType: 'consumer',
        groupProtocols: [{ name: PROTOCOL_NAME, metadata }],
      });
    let answer: JoinAnswer;
    try {
      answer = await request();
    } catch (error) {
      if (protocolCode(error) !== PROTOCOL.memberIdRequired) throw error;
      // Known before it joins, so that it can leave while it waits.
      this.#memberId = (error as { memberId?: string }).memberId ?? '';
      answer = await request();
    }
    this.#memberId = answer.memberId;
    const { memberAssignment } = await session.send<{ memberAssignment: Buffer }>(coordinator, 'SyncGroup', {
      groupId: group,
      generationId: answer.generationId,
      memberId: answer.memberId,
      groupAssignment: answer.leaderId === answer.memberId ? await this.#shareOut(answer) : [],
    });
    this.#generation = answer.generationId;
    this.#lastSeen = performance.now();
    this.#options.assigned(decodeAssignment(memberAssignment, topic));
    this.#changed();
  }

  /** The leader's task, for all topics that members of the group read. */
  async #shareOut({ members }: JoinAnswer) {
    const { session } = this.#options;
    const subscriptions = members.map(({ memberId, memberMetadata }) => ({
      id: memberId,
      ...decodeSubscription(memberMetadata),
    }));
    const shares: { memberId: string; memberAssignment: Buffer }[] = [];
    for (const [topic, readers] of Map.groupBy(subscriptions, (one) => one.topic)) {
      for (const [memberId, partitions] of assign(await session.partitions(topic), readers)) {
        shares.push({ memberId, memberAssignment: encodeAssignment(topic, partitions) });
      }
    }
    return shares;
  }

  /** Shows signs of life until the group is to be shared out anew. */
  async #beat(signal: AbortSignal): Promise<void> {
    const { group, session } = this.#options;
    while (!signal.aborted && !this.#rejoin) {
      await this.#sleep(session.settings.heartbeatMs, signal);
      if (signal.aborted || this.#rejoin) return;
      try {
        await session.send(await session.coordinator(group, COORDINATOR.group), 'Heartbeat', {
          groupId: group,
          groupGenerationId: this.#generation,
          memberId: this.#memberId,
        });
      } catch (error) {
        if (protocolCode(error) === PROTOCOL.rebalanceInProgress) return;
        throw error;
      }
      this.#lastSeen = performance.now();
    }
  }

  async #recover(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { session, lost, report } = this.#options;
    const code = protocolCode(error);
    const thrownOut =
      code === PROTOCOL.unknownMemberId ||
      code === PROTOCOL.fencedInstanceId ||
      code === PROTOCOL.illegalGeneration;
    if (thrownOut) this.#memberId = '';
    // Whoever has not been heard of for so long has lost its partitions, whether it can be told or not.
    if (thrownOut || performance.now() - this.#lastSeen > session.settings.sessionTimeoutMs) {
      lost();
      this.#changed();
    }
    if (code === PROTOCOL.rebalanceInProgress) return;
    if (!thrownOut || failures > 0) report(explain(error, session.settings.brokers));
    session.forget();
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 16));
    await this.#sleep(thrownOut && failures === 0 ? 0 : ceiling * (0.5 + Math.random() / 2), signal);
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const timer = new AbortController();
    this.#wake = () => timer.abort();
    await delay(ms, undefined, { signal: timer.signal }).catch(() => {});
    this.#wake = () => {};
  }
}

function fenced(group: string, topic: string, partition: number, cause?: unknown): ClickproofError {
  return new ClickproofError(
    'FENCED',
    `${topic}/${partition} belongs to another member of group ${group} now`,
    {
      cause,
    },
  );
}
