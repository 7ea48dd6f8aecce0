import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import { rangeAssignment } from './assignment.ts';
import type { Topic } from './catalogue.ts';
import { monotonicMs } from './monotonic.ts';
import { checkOffset, type Ledger } from './producer.ts';
import type { WriteQueue } from './write-queue.ts';

/** What a member should hold, as of a generation of its group. */
export interface Assignment {
  readonly generation: number;
  readonly partitions: readonly number[];
}

interface MemberRow {
  member: string;
  heartbeat: number;
  session_ms: number;
  host: string;
  pid: number;
}

/** Whose process numbers these are: two containers can share the file, but not process numbers. */
const HOST = processNamespace();

/** The statements behind consumer groups. Those that write are to be run under the write lock. */
export class Groups {
  readonly generation: StatementSync;
  readonly names: StatementSync;
  readonly owner: StatementSync;
  readonly writeOwner: StatementSync;
  readonly bump: StatementSync;
  readonly members: StatementSync;
  readonly join: StatementSync;
  readonly beat: StatementSync;
  readonly remove: StatementSync;
  readonly own: StatementSync;
  readonly disown: StatementSync;

  constructor(reader: DatabaseSync, writer: DatabaseSync) {
    this.generation = reader.prepare(
      'SELECT generation FROM generations WHERE group_name = ? AND topic_id = ?',
    );
    // One statement, so that members and generation are of one moment.
    this.names = reader.prepare(
      `SELECT g.generation, m.member FROM generations g
       LEFT JOIN members m ON m.group_name = g.group_name AND m.topic_id = g.topic_id
       WHERE g.group_name = ? AND g.topic_id = ? ORDER BY m.id`,
    );
    const owner = `SELECT o.member, o.epoch, m.id IS NOT NULL AS alive FROM owners o
      LEFT JOIN members m ON m.member = o.member WHERE o.group_name = ? AND o.partition_id = ?`;
    this.owner = reader.prepare(owner);
    this.writeOwner = writer.prepare(owner);
    this.bump = writer.prepare(
      `INSERT INTO generations (group_name, topic_id, generation) VALUES (?, ?, 1)
       ON CONFLICT (group_name, topic_id) DO UPDATE SET generation = generation + 1 RETURNING generation`,
    );
    this.members = writer.prepare(
      'SELECT member, heartbeat, session_ms, host, pid FROM members WHERE group_name = ? AND topic_id = ?',
    );
    this.join = writer.prepare(
      `INSERT INTO members (group_name, topic_id, member, heartbeat, session_ms, host, pid) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.beat = writer.prepare('UPDATE members SET heartbeat = ? WHERE member = ?');
    this.remove = writer.prepare('DELETE FROM members WHERE member = ?');
    this.own = writer.prepare(
      `INSERT INTO owners (group_name, partition_id, member, epoch) VALUES (?, ?, ?, 1)
       ON CONFLICT (group_name, partition_id) DO UPDATE SET member = excluded.member, epoch = epoch + 1 RETURNING epoch`,
    );
    // The row stays: its epoch must never be given out twice.
    this.disown = writer.prepare(
      'UPDATE owners SET member = NULL WHERE group_name = ? AND partition_id = ? AND member = ? AND epoch = ?',
    );
  }
}

interface OwnerRow {
  member: string | null;
  epoch: number;
  alive: 0 | 1;
}

/**
 * One member of a consumer group on one topic.
 *
 * - A member joins by a row and keeps it by a heartbeat. Whoever beats removes members whose session has timed out,
 *   whose heartbeat is of another boot, or whose process is gone. Every change of members begins a generation.
 * - The assignment is computed, by everybody alike, from the members of the generation.
 * - A partition has one owner row, with an epoch that grows at every acquisition. A new owner waits until the old one
 *   releases it or is no member any more, for as long as it likes to; then it takes it. `commitOffset` is refused from then on.
 */
export class Membership {
  readonly member = randomUUID();
  readonly #group: string;
  readonly #topic: Topic;
  readonly #sessionMs: number;
  readonly #queue: WriteQueue;
  readonly #groups: Groups;
  readonly #ledger: Ledger;

  constructor(options: {
    group: string;
    topic: Topic;
    sessionMs: number;
    queue: WriteQueue;
    groups: Groups;
    ledger: Ledger;
  }) {
    this.#group = options.group;
    this.#topic = options.topic;
    this.#sessionMs = options.sessionMs;
    this.#queue = options.queue;
    this.#groups = options.groups;
    this.#ledger = options.ledger;
  }

  /** Joins, or shows that it lives; joins again when it was taken for dead. Removes the dead. */
  async beat(): Promise<void> {
    await this.#queue.run(() => {
      const now = monotonicMs();
      let changed = this.#removeDead(now);
      if (this.#groups.beat.run(now, this.member).changes === 0) {
        this.#groups.join.run(
          this.#group,
          this.#topic.id,
          this.member,
          now,
          this.#sessionMs,
          HOST,
          process.pid,
        );
        changed = true;
      }
      if (changed) this.#groups.bump.get(this.#group, this.#topic.id);
    });
  }

  async leave(): Promise<void> {
    await this.#queue.run(() => {
      if (this.#groups.remove.run(this.member).changes > 0)
        this.#groups.bump.get(this.#group, this.#topic.id);
    });
  }

  generation(): number {
    return (this.#groups.generation.get(this.#group, this.#topic.id)?.generation as number | undefined) ?? 0;
  }

  assignment(): Assignment {
    const rows = this.#groups.names.all(this.#group, this.#topic.id) as unknown as {
      generation: number;
      member: string | null;
    }[];
    const members = rows.map((row) => row.member).filter((member) => member !== null);
    return {
      generation: rows[0]?.generation ?? 0,
      partitions: rangeAssignment(this.#topic.spec.partitions, members, this.member),
    };
  }

  /**
   * Tries to become the owner of an assigned partition.
   *
   * @param impatient take it even from a living member that does not let go
   * @returns the owner's epoch; undefined while another holds it, or when this assignment is no longer the latest
   */
  async acquire(partition: number, impatient: boolean): Promise<number | undefined> {
    const id = this.#topic.partitionIds[partition]!;
    const seen = this.#groups.owner.get(this.#group, id) as unknown as OwnerRow | undefined;
    if (!impatient && this.#heldByAnother(seen)) return undefined;
    return this.#queue.run(() => {
      const owner = this.#groups.writeOwner.get(this.#group, id) as unknown as OwnerRow | undefined;
      if (!impatient && this.#heldByAnother(owner)) return undefined;
      if (!this.assignment().partitions.includes(partition)) return undefined;
      return this.#groups.own.get(this.#group, id, this.member)!.epoch as number;
    });
  }

  /** True while the partition is this member's, by that epoch. */
  owns(partition: number, epoch: number): boolean {
    const owner = this.#groups.owner.get(this.#group, this.#topic.partitionIds[partition]!) as unknown as
      | OwnerRow
      | undefined;
    return owner?.member === this.member && owner.epoch === epoch;
  }

  async release(partition: number, epoch: number): Promise<void> {
    await this.#queue.run(() => {
      this.#groups.disown.run(this.#group, this.#topic.partitionIds[partition]!, this.member, epoch);
    });
  }

  /** @throws ClickproofError FENCED the partition has another owner, or had one in between */
  async commitOffset(partition: number, epoch: number, offset: number): Promise<void> {
    checkOffset(offset);
    const id = this.#topic.partitionIds[partition]!;
    await this.#queue.run(() => {
      const owner = this.#groups.writeOwner.get(this.#group, id) as unknown as OwnerRow | undefined;
      if (owner?.member !== this.member || owner.epoch !== epoch) {
        throw new ClickproofError(
          'FENCED',
          `group ${this.#group} has given ${this.#topic.spec.name} partition ${partition} to another member; nothing was committed`,
        );
      }
      this.#ledger.setOffset(this.#group, id, offset);
    });
  }

  #heldByAnother(owner: OwnerRow | undefined): boolean {
    return owner !== undefined && owner.member !== null && owner.member !== this.member && owner.alive === 1;
  }

  #removeDead(now: number): boolean {
    let removed = false;
    for (const row of this.#groups.members.all(this.#group, this.#topic.id) as unknown as MemberRow[]) {
      if (row.member === this.member) continue;
      const timedOut = row.heartbeat < now - row.session_ms || row.heartbeat > now + row.session_ms;
      if (!timedOut && !(row.host === HOST && processIsGone(row.pid))) continue;
      this.#groups.remove.run(row.member);
      removed = true;
    }
    return removed;
  }
}

function processIsGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function processNamespace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
