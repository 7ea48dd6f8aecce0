import { stagesOfRole } from '../../containers/roles/stages-of-role.ts';
import type { MetricResult } from '../../reports/result.ts';
import type { ProcessCounters, Snapshot } from './snapshot.ts';
import {
  type CollectorCounters,
  collectorStatements,
  type Seen,
  type ShipperCounters,
  type Statement,
  shipperStatements,
  workerParts,
} from './statements.ts';
import { unsureOf } from './worker-counters.ts';

export interface Compared extends Seen {
  /** What the processes counted before anything was sent, and when it had come through. */
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** Those that a fault happened to, roles or stages. */
  readonly disturbed: ReadonlySet<string>;
  readonly restarts: readonly { readonly role: string; readonly at: number }[];
}

/** A process of a role, between the two looks. */
interface Watched<Counters> {
  readonly before: Counters;
  readonly after: Counters;
}

/**
 * Compares what a pipeline's processes say of themselves with what the checker's readers counted. What cannot be compared is among it,
 * with why: a process that was started anew has forgotten, one that never learnt what came of an attempt has not counted it, and
 * traffic of others is in the one number or in the other.
 */
export function compareMetrics(compared: Compared): MetricResult[] {
  const left = (bytes: number) =>
    bytes > 0 ? `${bytes} bytes of the access log were not shipped yet when the run began` : undefined;
  return [
    ...compareRole<CollectorCounters>('collector', compared, collectorStatements(compared), {
      of: (stats) => stats,
      unsure: ({ before, after }) => {
        const unlogged = (after.unlogged ?? 0) - (before.unlogged ?? 0);
        return unlogged > 0 ? `it could not write ${unlogged} lines` : undefined;
      },
    }),
    ...compareRole<ShipperCounters>('shipper', compared, shipperStatements(compared), {
      of: (stats) => stats,
      unsure: ({ before, after }) => {
        const errors = (after.errors ?? 0) - (before.errors ?? 0);
        return errors > 0 ? `it came upon ${errors} errors` : left(compared.before.unshippedBytes);
      },
    }),
    ...workerParts(compared).flatMap(({ stage, of, group, statements }) =>
      compareRole(stage, compared, statements, {
        of,
        unsure: ({ before, after }) => unsureOf(before, after),
        together: (all) => togetherUnsure(compared, group, all),
      }),
    ),
  ];
}

/** The sentences that say where the two differ. */
export function metricReasons(metrics: readonly MetricResult[] = []): string[] {
  return metrics.flatMap(({ differs }) => (differs === undefined ? [] : [differs]));
}

interface Role<Counters> {
  readonly of: (stats: Readonly<Record<string, unknown>>) => Counters | undefined;
  /** Why one of its processes may count otherwise. */
  readonly unsure: (process: Watched<Counters>) => string | undefined;
  /** Why all of them may. */
  readonly together?: (all: readonly Watched<Counters>[]) => string | undefined;
}

function compareRole<Counters>(
  role: string,
  compared: Compared,
  statements: readonly Statement<Counters>[],
  { of, unsure, together }: Role<Counters>,
): MetricResult[] {
  const named = compared.before.processes.filter(({ name }) => stagesOfRole(name).includes(role));
  const watched: Watched<Counters>[] = [];
  let why = named.length === 0 ? 'no process of this run’s does this' : disturbance(role, named, compared);
  for (const { name, stats } of named) {
    const before = of(stats);
    const after = of(processOf(compared.after, name)?.stats ?? {});
    if (before === undefined || after === undefined || !isCounting(before) || !isCounting(after)) {
      why ??= `${name} did not say what it counts`;
      continue;
    }
    watched.push({ before, after });
    why ??= unsure({ before, after });
  }
  why ??= together?.(watched);
  return statements.map((statement) => compareOne(role, statement, watched, why));
}

function compareOne<Counters>(
  role: string,
  { counter, says, found, own, counted, unless }: Statement<Counters>,
  processes: readonly Watched<Counters>[],
  whyNot: string | undefined,
): MetricResult {
  const why = whyNot ?? unless.find((one) => one !== undefined);
  if (why !== undefined) return { role, counter, notComparable: why };
  let said = 0;
  for (const { before, after } of processes) {
    const [from, to] = [own(before), own(after)];
    if (from === undefined || to === undefined)
      return { role, counter, notComparable: 'it does not count this' };
    said += to - from;
  }
  if (said === counted) return { role, counter, said, counted };
  const differs = `the ${role} says ${numbered(says, said)}, ${numbered(found, counted)}`;
  return { role, counter, said, counted, differs };
}

/** What happened to any of a role's processes. */
function disturbance(
  role: string,
  processes: readonly ProcessCounters[],
  { before, after, disturbed, restarts }: Compared,
): string | undefined {
  const names = new Set([role, ...processes.flatMap(({ name }) => [name, ...stagesOfRole(name)])]);
  for (const one of disturbed) {
    if (names.has(one) || stagesOfRole(one).some((stage) => names.has(stage)))
      return `a fault happened to ${one}`;
  }
  for (const { name, pid } of processes) {
    const again = restarts.some((one) => one.role === name && one.at >= before.at);
    if (again || pid === undefined || processOf(after, name)?.pid !== pid) return `${name} was started anew`;
  }
  return undefined;
}

/** What a stage had in hand from before, and what others have of its work. */
function togetherUnsure(
  { before: { backlog } }: Compared,
  group: string,
  all: readonly Watched<{ readonly positions?: Readonly<Record<string, number>> }>[],
): string | undefined {
  const before = backlog.find((one) => one.group === group);
  if (before === undefined) return 'nobody knows what it had in front of it';
  if (before.records > 0) return `it had ${before.records} records in front of it when the run began`;
  const held = all.reduce((sum, { after }) => sum + Object.keys(after.positions ?? {}).length, 0);
  const rest = before.partitions - held;
  return rest > 0 ? `${rest} of ${before.partitions} partitions were not its own in the end` : undefined;
}

function processOf({ processes }: Snapshot, name: string): ProcessCounters | undefined {
  return processes.find((one) => one.name === name);
}

/** A process that does not answer counts nothing at all. */
function isCounting(counters: unknown): boolean {
  return typeof counters === 'object' && counters !== null && Object.keys(counters).length > 0;
}

function numbered(words: string, value: number): string {
  return words.replace('#', value.toLocaleString('en'));
}
