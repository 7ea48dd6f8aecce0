import type { Flaw, Model, Step } from './explore.ts';
import { FIRST_FILE, type LogFile, lineName, type Writing, writing } from './files.ts';
import { flaw, type Guard, part, used } from './part.ts';

const GUARDS = {
  claimBeforePosition: { what: 'the transactional id is claimed before the position is read', without: 'repeated' },
  idFromSetting: {
    what: "the transactional id is a setting, the same for whoever ships this log, not the host's name",
    without: 'repeated',
  },
  positionInTransaction: { what: 'the position is committed in the transaction of the lines', without: 'repeated' },
  positionPerFile: { what: 'the position is one entry for each file', without: 'lost' },
  fingerprint: { what: 'an entry names the content of its file, not the inode alone', without: 'lost' },
  compareAfterRead: { what: 'the content is compared after the read, not before it', without: 'lost' },
  followRotated: { what: 'rotated files are read to their end', without: 'lost' },
  claimAfterError: {
    what: 'after an error the id is claimed and the position read again, nothing is tried from memory',
    without: 'repeated',
  },
  nameInPosition: {
    what: 'the position names its writer: fenced by a time-out it goes on, fenced by another it ends',
    without: 'stopped',
  },
} satisfies Record<string, Guard>;
type Name = keyof typeof GUARDS;

/** How far a file has been shipped. */
interface Entry {
  readonly inode: number;
  readonly content: number;
  readonly offset: number;
}

/** What was read of one file and how far the position is then. */
interface Batch {
  readonly inode: number;
  /** The content that the bytes were of. */
  readonly content: number;
  readonly from: number;
  readonly to: number;
}

interface Shipper {
  readonly at: 'away' | 'claim' | 'position' | 'position first' | 'take over' | 'read' | 'look' | 'commit' | 'commit position' | 'fenced' | 'own position';
  readonly fenced: boolean;
  readonly entries: readonly Entry[];
  readonly batch: Batch | null;
}

interface Position {
  /** Who wrote it. */
  readonly by: number | null;
  readonly entries: readonly Entry[];
}

interface Sent {
  readonly by: 0 | 1;
  readonly lines: readonly string[];
  readonly position: Position | null;
}

interface State extends Writing {
  readonly position: Position;
  readonly shipped: readonly string[];
  readonly sent: readonly Sent[];
  readonly shippers: readonly [Shipper, Shipper];
  readonly left: Writing['left'] & {
    readonly crashes: number;
    readonly seconds: number;
    readonly unknowns: number;
    readonly timeouts: number;
  };
}

const NAMES = ['shipper A', 'shipper B'] as const;
const BOTH = [0, 1] as const;
const AWAY: Shipper = { at: 'away', fenced: false, entries: [], batch: null };
const WITHOUT_PRODUCER: readonly Shipper['at'][] = ['away', 'claim', 'position first', 'own position'];

const none = { lateLines: 0, rotations: 0, deletions: 0, truncations: 0 };
const calm = { crashes: 0, seconds: 0, unknowns: 0, timeouts: 0 };

/** `pipeline/shipper/`. */
export const shipper = part<Name, keyof State['left'], State>({
  name: 'shipper',
  about: 'the shipper: lines of the access log and the position in one transaction',
  size: { shippers: 2, linesAtOnce: 2 },
  searches: [
    { faults: { ...none, lines: 3, ...calm, crashes: 2, seconds: 1, unknowns: 1 }, states: 0 },
    { faults: { ...none, lines: 3, rotations: 1, lateLines: 1, ...calm, crashes: 1, timeouts: 1 }, states: 0 },
    { faults: { ...none, lines: 4, rotations: 2, deletions: 1, ...calm, crashes: 1 }, states: 0 },
    { faults: { ...none, lines: 4, truncations: 1, ...calm, crashes: 1, unknowns: 1 }, states: 0 },
  ],
  guards: GUARDS,
  model(has, faults): Model<State> {
    const start: Shipper = { ...AWAY, at: has('claimBeforePosition') ? 'claim' : 'position first' };
    const initial: State = {
      ...{ files: [FIRST_FILE], contents: 0, left: faults },
      ...{ position: { by: null, entries: [] }, shipped: [], sent: [], shippers: [start, AWAY] },
    };
    const sameId = (i: 0 | 1, j: 0 | 1) => i === j || has('idFromSetting');

    return {
      initial,
      steps: (state) => [
        ...writing(state),
        ...deaths(state),
        ...arrivals(state),
        ...BOTH.flatMap((i) => work(state, i)),
      ],
      wrong: ({ shipped }) => judgeShipped(shipped),
      wrongAtEnd: judgeEnd,
    };

    function withShipper(state: State, i: 0 | 1, next: Shipper, more: Partial<State> = {}): State {
      const [a, b] = state.shippers;
      return { ...state, ...more, shippers: i === 0 ? [next, b] : [a, next] };
    }

    function deaths(state: State): Step<State>[] {
      const steps: Step<State>[] = [];
      const happen = (what: string, fault: keyof State['left'], i: 0 | 1, next: Shipper) => {
        const left = used(state.left, fault);
        if (left) steps.push({ what, fault: true, next: withShipper(state, i, next, { left }) });
      };
      for (const i of BOTH) {
        const one = state.shippers[i];
        if (one.at === 'away') continue;
        happen(`${NAMES[i]} is killed and started again`, 'crashes', i, start);
        if (!WITHOUT_PRODUCER.includes(one.at) && !one.fenced) {
          happen(`the broker takes ${NAMES[i]} for dead`, 'timeouts', i, { ...one, fenced: true });
        }
      }
      if (state.shippers[1].at === 'away') happen('shipper B is started for the same log', 'seconds', 1, start);
      return steps;
    }

    function committed(state: State, { lines, position }: Omit<Sent, 'by'>): State {
      return { ...state, shipped: [...state.shipped, ...lines], position: position ?? state.position };
    }

    function arrivals(state: State): Step<State>[] {
      return state.sent.flatMap((one, i) => {
        const without = { ...state, sent: state.sent.toSpliced(i, 1) };
        return [
          { what: 'the broker commits the transaction that nobody waits for any more', next: committed(without, one) },
          { what: 'the transaction that nobody waits for any more is aborted', next: without },
        ];
      });
    }

    function claim(state: State, i: 0 | 1, next: Shipper): State {
      const shippers = BOTH.map((j) => {
        const other = state.shippers[j];
        const loses = j !== i && sameId(i, j) && !WITHOUT_PRODUCER.includes(other.at);
        return j === i ? { ...next, fenced: false } : loses ? { ...other, fenced: true } : other;
      }) as [Shipper, Shipper];
      return { ...state, shippers, sent: state.sent.filter(({ by }) => !sameId(i, by)) };
    }

    function work(state: State, i: 0 | 1): Step<State>[] {
      const one = state.shippers[i];
      const name = NAMES[i];
      const { position } = state;
      const become = (next: Partial<Shipper>, more: Partial<State> = {}) => withShipper(state, i, { ...one, ...next }, more);
      const ends = withShipper(state, i, AWAY);
      switch (one.at) {
        case 'away':
          return [];
        case 'claim': {
          const again = position.by === i ? 'own position' : 'position';
          const at = has('claimBeforePosition') ? 'position' : 'take over';
          return [{ what: `${name} claims the transactional id`, at: 'shipper.claim', next: claim(state, i, { ...one, at }) }];
        }
        case 'position':
        case 'position first':
          return [
            {
              what: `${name} reads the position${spelled(position.entries)}`,
              next: become({ at: one.at === 'position' ? 'take over' : 'claim', entries: position.entries }),
            },
          ];
        case 'take over': {
          const what = `${name} writes its name to the position`;
          if (one.fenced) return [{ what: `${what}: it is fenced, and ends`, next: ends }];
          return [{ what, next: become({ at: 'read' }, { position: { by: i, entries: one.entries } }) }];
        }
        default:
          return [];
      }
    }

    function judgeEnd({ files, shipped, shippers }: State): Flaw | undefined {
      return undefined;
    }
  },
});

const spelled = (entries: readonly Entry[]): string =>
  entries.length === 0 ? ': none' : `: ${entries.map(({ inode, offset }) => `inode ${inode} at ${offset}`).join(', ')}`;

function judgeShipped(shipped: readonly string[]): Flaw | undefined {
  return undefined;
}
