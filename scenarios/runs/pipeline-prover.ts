import { join } from 'node:path';
import { stagesOfRole } from '../../containers/roles/stages-of-role.ts';
import type { Stack } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type CheckReport, check } from '../checkers/check.ts';
import { type Snapshot, snapshot } from '../metrics/snapshot.ts';
import { accessLogEnd, type StartPositions } from '../readers/access-log-reader.ts';
import { leavingOut } from '../readers/left-out.ts';
import { openReaders, topicEnds } from '../readers/open-readers.ts';
import type { StartOffsets } from '../readers/topic-reader.ts';
import { drain } from './drain.ts';
import { ownMetrics } from './own-metrics.ts';
import type { Proof, ProofEvents, Prover } from './prover.ts';
import { type Patience, untilStill } from './until-still.ts';
import { withMetrics, withPersisterDoubts } from './verdict.ts';

interface Options {
  readonly stack: Stack;
  readonly mark: string;
  /** Where the ledger is, and intermediate files go. */
  readonly folder: string;
  readonly drainTimeoutMs?: number | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Places of records that were written on purpose, and are nobody's event. */
  readonly leftOut?: ReadonlySet<string> | undefined;
  /** Roles and stages that a fault happened to. */
  readonly disturbed?: ReadonlySet<string> | undefined;
  /** For how long it is looked again, where nobody can tell what is still on its way to the raw topic. */
  readonly patience?: Patience | undefined;
}

const DRAIN_TIMEOUT_MS = 120_000;
/** What is under way when a run begins stands on one side of it for the checker, and on the other for those who count it. */
const RESTS_WITHIN_MS = 10_000;

/** Proves a run through this project's own pipeline, hop by hop, from where its log and topics ended when the run began. */
export class PipelineProver implements Prover {
  readonly #options: Options;
  readonly #topics: StartOffsets;
  readonly #accessLog: StartPositions;
  readonly #before: Snapshot;

  private constructor(options: Options, topics: StartOffsets, accessLog: StartPositions, before: Snapshot) {
    this.#options = options;
    this.#topics = topics;
    this.#accessLog = accessLog;
    this.#before = before;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  static async begin(options: Options): Promise<PipelineProver> {
    const { stack, signal, patience } = options;
    // Readiness is asked for by requests, too. A pipeline that does not come to rest says so in the snapshot, and is not compared.
    if (patience === undefined) await drain(stack, { timeoutMs: RESTS_WITHIN_MS, signal });
    const accessLog = stack.accessLog === undefined ? new Map() : await accessLogEnd(stack.accessLog);
    return new PipelineProver(options, await topicEnds(stack), accessLog, await snapshot(stack));
  }

  async prove(events: ProofEvents): Promise<Proof> {
    const { stack, signal, drainTimeoutMs = DRAIN_TIMEOUT_MS, patience } = this.#options;
    const { drained, behind } = await drain(stack, {
      timeoutMs: drainTimeoutMs,
      signal,
      onLook: (progress) => events.draining?.(progress),
    });
    if (!drained) throw notDrained(behind);
    const look = () => this.#look(events);
    const { counted, ...proof } = await (patience === undefined ? look() : untilStill(look, patience));
    const { leftOut = new Set<string>(), disturbed = new Set<string>() } = this.#options;
    const metrics = await ownMetrics(stack, { before: this.#before, counted, leftOut, disturbed });
    return { ...withMetrics(proof, metrics), metrics };
  }

  async #look(events: ProofEvents): Promise<CheckReport> {
    const { stack, mark, folder, leftOut = new Set() } = this.#options;
    const readers = await openReaders(stack, { mark, from: this.#topics });
    try {
      const report = await check({
        ledger: join(folder, 'ledger'),
        topics: leavingOut(readers.topics, leftOut, stack.topics.failed),
        names: stack.topics,
        accessLog: stack.accessLog,
        accessLogFrom: this.#accessLog,
        sinks: readers.sinks,
        folder: join(folder, 'check'),
        profiles: true,
        profileStore: readers.profiles,
        ...(events.checking && { onHop: events.checking }),
      });
      const persisters = stack.roles.filter((role) => stagesOfRole(role).includes('persister'));
      const stats = await Promise.all(persisters.map((role) => stack.stats(role)));
      return { ...report, ...withPersisterDoubts(report, stats) };
    } finally {
      await readers.close();
    }
  }
}

function notDrained(behind: string): ClickproofError {
  return new ClickproofError('NOT_DRAINED', `the pipeline did not come to rest; behind is ${behind}`, {
    remedy: 'look at what the processes said, in the data directory under logs/',
  });
}
