import type { Flaw, Model, Step } from './explore.ts';
import { BOTH, membership, NAMES, withWorker } from './group.ts';
import { flaw, type Guard, part, used } from './part.ts';
import { type Broker, claimed, committed, type Producing } from './transactions.ts';

const GUARDS = {
  writeBeforeOffset: { what: 'the offset is committed after the write was acknowledged', without: 'lost' },
  everyItem: {
    what: 'every item of a bulk is looked at; one that is put off is sent again',
    without: 'lost',
  },
  idOfEvent: { what: "a document's id is the event's, not one drawn for the write", without: 'repeated' },
  indexOfEvent: {
    what: "the index follows from the event's date, not from when it is written",
    without: 'repeated',
  },
  createOnly: { what: 'a document is created, never put over another', without: 'lost' },
  secondId: { what: 'where an id is taken by another event, this one gets its second id', without: 'lost' },
  readFinal: {
    what: 'rows are counted by what they are of (FINAL), not as they lie there',
    without: 'repeated',
  },
  viewsOfSets: { what: 'views keep sets of events, not sums', without: 'repeated' },
  parkInTransaction: {
    what: 'a record that is refused for good is parked in one transaction with the offset',
    without: 'repeated',
  },
  claimBeforeOffset: {
    what: 'the transactional id is claimed before the offset is read',
    without: 'repeated',
  },
  memberAfterClaim: {
    what: 'who has claimed makes sure that the partition is still its own before it goes on',
    without: 'repeated',
  },
  generation: {
    what: 'an offset is committed in the name of the generation of the group',
    without: 'stopped',
  },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

/** Two events with the same id and different content, one that is refused for good, and another one. */
const RECORDS = [
  { id: 'e', content: 'P' },
  { id: 'e', content: 'Q' },
  { id: 'bad', content: '-' },
  { id: 'f', content: 'R' },
] as const;
const BATCH = 2;

interface Sink extends Producing {
  readonly at:
    | 'away'
    | 'claim'
    | 'committed'
    | 'committed first'
    | 'member'
    | 'read'
    | 'write'
    | 'commit'
    | 'park';
  readonly position: number;
  readonly to: number;
  /** The items of the batch that have been put off, by offset. */
  readonly putOff: readonly number[];
}

interface State extends Broker<Sink> {
  /** What there is in Elasticsearch: index/id=content. */
  readonly documents: readonly string[];
  /** How often each record lies in ClickHouse: once, or oftener. */
  readonly rows: readonly (0 | 1 | 2)[];
  readonly index: 0 | 1;
  readonly left: Broker['left'] & { readonly rollovers: number; readonly rejections: number };
}

const AWAY: Sink = { at: 'away', fenced: false, position: 0, to: 0, putOff: [] };

/** `pipeline/sinks/`: what both sinks write stands side by side here. */
export const sink = part<Name, keyof State['left'], State>({
  name: 'sink',
  about: 'a sink: write, be acknowledged, commit the offset',
  size: { records: RECORDS.length, atOnce: BATCH },
  searches: [
    { faults: { kills: 1, rebalances: 1, lostAnswers: 1, rollovers: 1, rejections: 1 }, states: 34_827 },
    { faults: { kills: 1, rebalances: 2, lostAnswers: 0, rollovers: 0, rejections: 0 }, states: 12_640 },
  ],
  guards: GUARDS,
  model(has, faults): Model<State> {
    const start: Sink = { ...AWAY, at: has('claimBeforeOffset') ? 'claim' : 'committed first' };
    const initial: State = {
      ...{ workers: [start, AWAY], owner: 0, left: faults, offset: 0, out: [], sent: [] },
      ...{ documents: [], rows: RECORDS.map(() => 0 as const), index: 0 },
    };
    return {
      initial,
      steps: (state) => [
        ...membership<Sink, State>(state, start, AWAY),
        ...rollover(state),
        ...BOTH.flatMap((i) => work(state, i)),
      ],
      wrong: (state) => judge(state),
      wrongAtEnd: (state) =>
        state.offset < RECORDS.length
          ? flaw('stopped', `the group stays at offset ${state.offset}`)
          : judgeCounts(state),
    };

    function work(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { at, position, to } = worker;
      const name = NAMES[i];
      const become = (next: Partial<Sink>, more: Partial<State> = {}) =>
        withWorker(state, i, { ...worker, ...next }, more);
      const again = withWorker(state, i, start);
      const afterClaim = has('memberAfterClaim') ? ('member' as const) : ('committed' as const);
      switch (at) {
        case 'away':
          return [];
        case 'claim': {
          const next: Sink = { ...worker, at: has('claimBeforeOffset') ? afterClaim : 'read' };
          const made = claimed<Sink, State>(state, i, true, next);
          return [
            {
              what: `${name} claims the partition's transactional id`,
              at: 'elasticsearch-sink.claim',
              next: made,
            },
          ];
        }
        case 'member': {
          const mine = state.owner === i;
          const what = `${name} asks whether the partition is still its own: ${mine ? 'yes' : 'no'}`;
          return [{ what, next: mine ? become({ at: 'committed' }) : again }];
        }
        case 'committed':
        case 'committed first': {
          const next = become({ at: at === 'committed' ? 'read' : 'claim', position: state.offset });
          return [
            {
              what: `${name} reads the group's offset: ${state.offset}`,
              at: 'elasticsearch-sink.committed',
              next,
            },
          ];
        }
        case 'read':
          return batches(position).map((end) => ({
            what: `${name} reads records ${position} to ${end - 1}`,
            next: become({ at: has('writeBeforeOffset') ? 'write' : 'commit', to: end, putOff: [] }),
          }));
        case 'write':
          return write(state, i);
        case 'commit': {
          const what = `${name} commits offset ${to}`;
          const step = { what, at: 'elasticsearch-sink.commit-offset' };
          if (has('generation') && state.owner !== i) {
            return [{ ...step, what: `${what}: refused, the group has moved on`, next: again }];
          }
          const next = become(afterOffset(worker), { offset: to });
          return [{ ...step, next }];
        }
        case 'park':
          return park(state, i);
      }
    }

    function afterOffset(worker: Sink): Sink {
      if (!has('writeBeforeOffset')) return { ...worker, at: 'write' };
      return { ...worker, at: 'read', position: worker.to, to: 0, putOff: [] };
    }

    function write(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { position, to, putOff } = worker;
      const items = putOff.length > 0 ? putOff : offsets(position, to).filter((offset) => !isBad(offset));
      const isParked = offsets(position, to).some(isBad);
      const then: Sink = has('writeBeforeOffset')
        ? { ...worker, at: isParked ? 'park' : 'commit', putOff: [] }
        : { ...worker, at: 'read', position: to, to: 0, putOff: [] };
      if (items.length === 0)
        return [{ what: `${NAMES[i]} finds nothing to write`, next: withWorker(state, i, then) }];
      const what = `${NAMES[i]} writes records ${items.join(' and ')}`;
      const all = stored(state, items);
      const steps: Step<State>[] = [
        { what: `${what}, which is acknowledged`, next: withWorker(all, i, then) },
      ];
      const unknown = used(state.left, 'lostAnswers');
      if (unknown) {
        const next = withWorker({ ...all, left: unknown }, i, start);
        steps.push({ what: `${what}, and gets no answer`, fault: true, next });
      }
      const rejected = used(state.left, 'rejections');
      if (rejected) {
        const next: Sink = has('everyItem') ? { ...worker, putOff: [items[0]!] } : then;
        steps.push({
          what: `${what}; ${items[0]} is put off, there is too much to do`,
          fault: true,
          next: withWorker(stored({ ...state, left: rejected }, items.slice(1)), i, next),
        });
      }
      return steps;
    }

    function stored(state: State, items: readonly number[]): State {
      const documents = [...state.documents];
      const rows = [...state.rows];
      for (const offset of items) {
        const { id, content } = RECORDS[offset]!;
        rows[offset] = rows[offset] === 0 ? 1 : 2;
        const index = has('indexOfEvent') ? 0 : state.index;
        const free = has('idOfEvent') ? id : `${id}#${documents.length}`;
        const place = `${index}/${free}=`;
        const there = documents.findIndex((document) => document.startsWith(place));
        if (there < 0) documents.push(place + content);
        else if (!has('createOnly')) documents[there] = place + content;
        else if (documents[there] !== place + content && has('secondId')) {
          const second = `${index}/${id}-${content}=${content}`;
          if (!documents.includes(second)) documents.push(second);
        }
      }
      return { ...state, documents: documents.sort(), rows };
    }

    /** What is refused goes to the topic of failures. */
    function park(state: State, i: 0 | 1): Step<State>[] {
      const worker = state.workers[i];
      const { position, to } = worker;
      const out = offsets(position, to).filter(isBad).map(String);
      const together = has('parkInTransaction');
      const what = `${NAMES[i]} parks record ${out}${together ? ` and commits offset ${to}` : ''}`;
      const at = 'elasticsearch-sink.commit';
      if (worker.fenced) return [{ what: `${what}: it is fenced`, at, next: withWorker(state, i, start) }];
      const parked = committed(state, { out, offset: together ? to : null });
      const next: Sink = together ? afterOffset(worker) : { ...worker, at: 'commit' };
      return [{ what, at, next: withWorker(parked, i, next) }];
    }

    function rollover(state: State): Step<State>[] {
      const left = used(state.left, 'rollovers');
      // Without an index that follows from when it is written there is nothing to roll over.
      if (!left || has('indexOfEvent')) return [];
      return [
        { what: 'a new index is written to from now on', fault: true, next: { ...state, index: 1, left } },
      ];
    }

    function judgeCounts({ rows }: State): Flaw | undefined {
      const twice = rows.indexOf(2);
      if (twice < 0) return undefined;
      if (!has('readFinal')) return flaw('repeated', `a query counts record ${twice} twice`);
      if (!has('viewsOfSets')) return flaw('repeated', `a view counts record ${twice} twice`);
      return undefined;
    }
  },
});

const isBad = (offset: number): boolean => RECORDS[offset]!.id === 'bad';

const offsets = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Where a batch from a position can end. */
const batches = (position: number): number[] =>
  offsets(position + 1, Math.min(position + BATCH, RECORDS.length) + 1);

/** What lies below the offset is there: each event as one document and one row, each refused record parked once. */
function judge({ offset, documents, rows, out }: State): Flaw | undefined {
  const contents = documents.map((document) => document.split('=')[1]);
  const twice = contents.find((content, i) => contents.indexOf(content) < i);
  if (twice !== undefined) return flaw('repeated', `event ${twice} is in Elasticsearch twice`);
  if (out.length > 1) return flaw('repeated', `record ${out[0]} is parked twice`);
  for (const one of offsets(0, offset)) {
    if (
      isBad(one) ? !out.includes(String(one)) : rows[one] === 0 || !contents.includes(RECORDS[one]!.content)
    ) {
      return flaw('lost', `the group is at offset ${offset}, and record ${one} is nowhere`);
    }
  }
  return undefined;
}
