import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import type { ControlledStack } from '../../../containers/controlled-stack.ts';
import type { Part } from '../own.ts';

/** A kind of fault: one file here, and its line in `index.ts`. */
export interface FaultKind<Schema extends z.ZodType = z.ZodType> {
  /** What it needs to know, without when it happens. The name of its first field names the kind in a scenario. */
  readonly fields: Schema;
  /** Whom it happens to. Where not all of these are the stack's own it does not happen. */
  touches(fault: z.output<Schema>): readonly Part[];
  /**
   * Makes it happen and, where that belongs to it, ends it. Returns what was to be seen of it: what `missing` is not empty makes the
   * scenario's verdict `unknown`. Throws what means that the scenario cannot go on.
   */
  inject(fault: z.output<Schema>, world: FaultWorld): Promise<readonly FaultEvidence[]>;
}

/** The cell of the coverage table that a fault fills: what happened, and to whom. */
export interface Cell {
  /** `SIGKILL`, `SIGSTOP`, `restart`, or a fail point without its stage: `commit:after`. */
  readonly fault: string;
  /** A role, a server or a stage. */
  readonly where: string;
  readonly table: 'faults' | 'fail points';
}

/** What was seen of a fault, from outside. */
export interface FaultEvidence {
  readonly cell: Cell;
  /** ms since sending began. */
  readonly began: number;
  readonly ended: number;
  /** Requests that were due meanwhile. */
  readonly requests: number;
  /** One sentence each. */
  readonly observed: readonly string[];
  /** What should have been seen, and was not; one sentence each. */
  readonly missing: readonly string[];
  /** Where a loss is promised: at most so many requests or lines can have gone by this. */
  readonly mayLose?: number;
}

/** What a fault sees of the run that it is in. */
export interface FaultWorld {
  readonly stack: ControlledStack;
  /** The scenario is given up. */
  readonly signal: AbortSignal;
  /** Has the check pass over a record that the fault wrote, `recordPlace`, and over what became of it. */
  leaveOut(place: string): void;
  /** ms since sending began. */
  now(): number;
  /** Requests that were due so far. */
  requests(): number;
  /** Of these, how many have no answer yet. */
  underWay(): number;
  /** Whether one more is due, and waits until the pipeline has caught up. */
  held(): boolean;
  /** The mark of an event that a fault sends by itself, and that is none of the scenario's. */
  readonly ownMark: string;
  /** Waits until such a share (0 to 1) of a scenario's events has been sent. */
  sent(share: number): Promise<void>;
  /** Waits until so many more records have been written to the topics. @throws ClickproofError NOTHING_FLOWS */
  flow(records: number): Promise<void>;
  /** @throws the signal's reason */
  sleep(ms: number): Promise<void>;
  /** Looks again and again until it is so; false when it is not so in time. */
  becomes(is: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean>;
  /** Looks until nothing is left. A slow machine may take as long as it likes: false only when there has not been less for so long. */
  comesToNothing(left: () => Promise<number>, stillMs: number): Promise<boolean>;
}

/**
 * What can be lost from now on by those who answer before they keep: what is under way, what becomes due, and in each of their processes, one
 * a core, a request that has its answer and is not kept yet.
 */
export function losableFromNow(world: FaultWorld): () => number {
  const safe = world.requests() - world.underWay() - availableParallelism();
  return () => world.requests() - safe;
}

const TAKE_REQUESTS: ReadonlySet<string> = new Set(['collector', 'nginx']);

/** Collects what is seen of one fault. */
export class Witness {
  readonly #world: FaultWorld;
  readonly #cell: Cell;
  readonly #began: number;
  readonly #requests: number;
  /** Whether one was due and waited already when it began. */
  readonly #held: boolean;
  readonly #observed: string[] = [];
  readonly #missing: string[] = [];
  #mayLose: number | undefined;

  constructor(world: FaultWorld, cell: Cell) {
    this.#world = world;
    this.#cell = cell;
    this.#began = world.now();
    this.#requests = world.requests();
    this.#held = world.held();
  }

  /** Notes one thing, as seen or as missing. */
  note(seen: boolean, what: string): void {
    (seen ? this.#observed : this.#missing).push(what);
  }

  /** See {@link FaultEvidence.mayLose}. */
  mayLose(most: number): void {
    this.#mayLose = most;
  }

  /** Whether a request was due since it began. */
  met(): boolean {
    return this.#world.requests() > this.#requests;
  }

  /** The fault is over. That nothing was sent meanwhile is one more thing missing. */
  evidence(): FaultEvidence {
    if (!this.met()) this.#unmet();
    return {
      cell: this.#cell,
      began: this.#began,
      ended: this.#world.now(),
      requests: this.#world.requests() - this.#requests,
      observed: this.#observed,
      missing: this.#missing,
      ...(this.#mayLose !== undefined && { mayLose: this.#mayLose }),
    };
  }

  /** Nothing was sent since it began. What a full pipeline has in hand meets it all the same, unless it is about who takes requests. */
  #unmet(): void {
    const full = this.#held && this.#world.held() && !TAKE_REQUESTS.has(this.#cell.where);
    this.note(full, full ? 'the pipeline was full: a request waited for it' : 'no request was due meanwhile');
  }
}
