import type { Flaw, Model, Step } from './explore.ts';
import { FIRST_FILE, type LogFile, lineName, type Writing, writing } from './files.ts';
import { flaw, type Guard, part, used } from './part.ts';

const GUARDS = {
  claimBeforePosition: {
    what: 'the transactional id is claimed before the position is read',
    without: 'repeated',
  },
  idFromSetting: {
    what: "the transactional id is a setting, the same for whoever ships this log, not the host's name",
    without: 'repeated',
  },
  positionInTransaction: {
    what: 'the position is committed in the transaction of the lines',
    without: 'repeated',
  },
  positionPerFile: { what: 'the position is one entry for each file', without: 'lost' },
  fingerprint: { what: 'an entry names the content of its file, not the inode alone', without: 'lost' },
  compareAfterRead: { what: 'the content is compared after the read, not before it', without: 'repeated' },
  followRotated: { what: 'rotated files are read to their end', without: 'lost' },
  claimAfterError: {
    what: 'after an error the id is claimed and the position read again, nothing is tried from memory',
    without: 'repeated',
  },
  nameInPosition: {
    what: 'the position names its writer: fenced by a time-out it goes on, fenced by another it ends',
    without: 'stopped',
  },
  takeOverAgain: {
    what: 'fenced while it takes over, it tries again unless another name has appeared',
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
  /** `position first`: the wrong order, position before claim. */
  readonly at:
    | 'away'
    | 'claim'
    | 'position'
    | 'position first'
    | 'take over'
    | 'read'
    | 'look'
    | 'commit'
    | 'commit position'
    | 'fenced'
    | 'claim again'
    | 'own position';
  readonly fenced: boolean;
  /** Whose name the position had when it was read. */
  readonly before: number | null;
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
    readonly kills: number;
    readonly rivals: number;
    readonly lostAnswers: number;
    readonly pauses: number;
  };
}

const NAMES = ['shipper A', 'shipper B'] as const;
const BOTH = [0, 1] as const;
const LINES_AT_ONCE = 2;
const AWAY: Shipper = { at: 'away', fenced: false, before: null, entries: [], batch: null };
const IN_TRANSACTION: readonly Shipper['at'][] = ['take over', 'commit'];
const WITHOUT_PRODUCER: readonly Shipper['at'][] = [
  'away',
  'claim',
  'position first',
  'fenced',
  'claim again',
];

const none = { lateLines: 0, rotations: 0, deletions: 0, truncations: 0 };
const calm = { kills: 0, rivals: 0, lostAnswers: 0, pauses: 0 };

/** `pipeline/shipper/`. */
export const shipper = part<Name, keyof State['left'], State>({
  name: 'shipper',
  about: 'the shipper: lines of the access log and the position in one transaction',
  size: { shippers: 2, atOnce: LINES_AT_ONCE },
  searches: [
    { faults: { ...none, lines: 3, ...calm, kills: 2, rivals: 1, lostAnswers: 1 }, states: 18_702 },
    {
      faults: { ...none, lines: 3, rotations: 1, lateLines: 1, ...calm, kills: 1, pauses: 1 },
      states: 1_899,
    },
    { faults: { ...none, lines: 4, rotations: 2, deletions: 1, ...calm, kills: 1 }, states: 4_640 },
    { faults: { ...none, lines: 4, truncations: 1, ...calm, kills: 1, lostAnswers: 1 }, states: 2_117 },
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
        happen(`${NAMES[i]} is killed and started again`, 'kills', i, start);
        if (IN_TRANSACTION.includes(one.at) && !one.fenced) {
          happen(`${NAMES[i]} is paused for so long that the broker ends its transaction`, 'pauses', i, {
            ...one,
            fenced: true,
          });
        }
      }
      if (state.shippers[1].at === 'away')
        happen('shipper B is started for the same log', 'rivals', 1, start);
      return steps;
    }

    function committed(state: State, { lines, position }: Omit<Sent, 'by'>): State {
      return { ...state, shipped: [...state.shipped, ...lines], position: position ?? state.position };
    }

    function arrivals(state: State): Step<State>[] {
      return state.sent.flatMap((one, i) => {
        const without = { ...state, sent: state.sent.toSpliced(i, 1) };
        return [
          {
            what: 'the broker commits the transaction that nobody waits for any more',
            next: committed(without, one),
          },
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
      const become = (next: Partial<Shipper>, more: Partial<State> = {}) =>
        withShipper(state, i, { ...one, ...next }, more);
      const ends = withShipper(state, i, AWAY);
      switch (one.at) {
        case 'away':
          return [];
        case 'claim': {
          const at = has('claimBeforePosition') ? 'position' : 'take over';
          const next = claim(state, i, { ...one, at });
          return [{ what: `${name} claims the transactional id`, at: 'shipper.claim', next }];
        }
        case 'position':
        case 'position first': {
          const at = one.at === 'position' ? 'take over' : 'claim';
          const next = become({ at, before: position.by, entries: position.entries });
          return [{ what: `${name} reads the position${spelled(position.entries)}`, next }];
        }
        case 'take over': {
          const what = `${name} writes its name to the position`;
          const at = 'shipper.commit';
          if (one.fenced) {
            const again = has('takeOverAgain') && position.by === one.before;
            return [
              {
                what: `${what}: it is fenced, and ${again ? 'tries again' : 'ends'}`,
                at,
                next: again ? withShipper(state, i, start) : ends,
              },
            ];
          }
          const next = become({ at: 'read', before: null }, { position: { by: i, entries: one.entries } });
          return [{ what, at, next }];
        }
        case 'read':
          return read(state, i);
        case 'look':
          return [look(state, i)];
        case 'commit':
          return commit(state, i);
        case 'commit position': {
          const entries = entriesAfter(state, one);
          const next = become({ at: 'read', entries, batch: null }, { position: { by: i, entries } });
          return [{ what: `${name} commits the position by itself`, at: 'shipper.commit', next }];
        }
        case 'fenced':
          if (!has('nameInPosition')) return [{ what: `${name} is fenced, and ends`, next: ends }];
          if (position.by !== i)
            return [{ what: `${name} finds another name in the position, and ends`, next: ends }];
          return [
            { what: `${name} finds its own name in the position`, next: become({ at: 'claim again' }) },
          ];
        case 'claim again': {
          const next = claim(state, i, { ...AWAY, at: 'own position' });
          return [{ what: `${name} claims the transactional id again`, at: 'shipper.claim', next }];
        }
        case 'own position': {
          if (position.by !== i)
            return [{ what: `${name} finds another name in the position, and ends`, next: ends }];
          const next = become({ at: 'read', entries: position.entries });
          return [{ what: `${name} reads its position${spelled(position.entries)}`, next }];
        }
      }
    }

    /** Reads on in the oldest file that has changed. */
    function read(state: State, i: 0 | 1): Step<State>[] {
      const one = state.shippers[i];
      const current = one.entries.at(-1);
      const first = has('positionPerFile')
        ? 0
        : state.files.findIndex(({ inode }) => inode === current?.inode);
      const file = state.files
        .slice(Math.max(first, 0))
        .find(
          (candidate) =>
            (has('followRotated') || !candidate.rotated) && hasChanged(candidate, entryOf(one, candidate)),
        );
      if (!file) return [];
      const entry = entryOf(one, file);
      if (has('compareAfterRead')) return [readBytes(state, i, file.inode, entry)];
      if (isReplaced(file, entry)) return [startAnew(state, i, file.inode)];
      const batch = { inode: file.inode, content: file.content, from: 0, to: 0 };
      const what = `${NAMES[i]} finds the file with inode ${file.inode} to be the one it knows`;
      return [{ what, next: withShipper(state, i, { ...one, at: 'look', batch }) }];
    }

    /** Looks whether what was read is of the content that is known; in the wrong order it is only read now. */
    function look(state: State, i: 0 | 1): Step<State> {
      const one = state.shippers[i];
      const batch = one.batch!;
      const file = state.files.find(({ inode }) => inode === batch.inode);
      const entry = entryOf(one, batch);
      if (!has('compareAfterRead')) {
        if (file) return readBytes(state, i, batch.inode, entry);
        return {
          what: `${NAMES[i]} finds the file deleted`,
          next: withShipper(state, i, { ...one, at: 'read', batch: null }),
        };
      }
      if (file && isReplaced(file, entry)) return startAnew(state, i, batch.inode);
      return {
        what: `${NAMES[i]} finds the file with inode ${batch.inode} to be the one it knows`,
        next: withShipper(state, i, { ...one, at: batch.from < batch.to ? 'commit' : 'read' }),
      };
    }

    function readBytes(state: State, i: 0 | 1, inode: number, entry: Entry | undefined): Step<State> {
      const one = state.shippers[i];
      const { content, lines } = state.files.find((file) => file.inode === inode)!;
      const from = entry?.offset ?? 0;
      const to = Math.max(from, Math.min(lines, from + LINES_AT_ONCE));
      const at = has('compareAfterRead') ? 'look' : from < to ? 'commit' : 'read';
      return {
        what: `${NAMES[i]} reads the file with inode ${inode}: ${to - from} lines from ${from} on`,
        next: withShipper(state, i, { ...one, at, batch: { inode, content, from, to } }),
      };
    }

    function startAnew(state: State, i: 0 | 1, inode: number): Step<State> {
      const one = state.shippers[i];
      const entries = one.entries.filter((entry) => entry.inode !== inode);
      return {
        what: `${NAMES[i]} finds another content in the file with inode ${inode}: it begins at 0`,
        next: withShipper(state, i, { ...one, at: 'read', entries, batch: null }),
      };
    }

    function hasChanged(file: LogFile, entry: Entry | undefined): boolean {
      return file.lines !== (entry?.offset ?? 0) || isReplaced(file, entry);
    }

    /** Without fingerprint only a file that has shrunk shows that it is another. */
    function isReplaced(file: LogFile, entry: Entry | undefined): boolean {
      if (!entry) return false;
      return has('fingerprint') ? file.content !== entry.content : file.lines < entry.offset;
    }

    function commit(state: State, i: 0 | 1): Step<State>[] {
      const one = state.shippers[i];
      const { content, from, to } = one.batch!;
      const lines = Array.from({ length: to - from }, (_, line) => lineName(content, from + line));
      const together = has('positionInTransaction');
      const what = `${NAMES[i]} commits ${lines.join(' and ')}${together ? ' and the position' : ''}`;
      const at = 'shipper.commit';
      if (one.fenced) {
        return [
          {
            what: `${what}: it is fenced`,
            at,
            next: withShipper(state, i, { ...one, at: 'fenced', batch: null }),
          },
        ];
      }
      const entries = entriesAfter(state, one);
      const transaction = { lines, position: together ? { by: i, entries } : null };
      const after: Shipper = together
        ? { ...one, at: 'read', entries, batch: null }
        : { ...one, at: 'commit position' };
      const steps: Step<State>[] = [{ what, at, next: withShipper(committed(state, transaction), i, after) }];
      const left = used(state.left, 'lostAnswers');
      if (left) {
        const sent = [...state.sent, { by: i, ...transaction }];
        const next: Shipper = has('claimAfterError') ? { ...AWAY, at: 'claim again' } : one;
        steps.push({
          what: `${what}, and gets no answer`,
          at,
          fault: true,
          next: withShipper(state, i, next, { sent, left }),
        });
      }
      return steps;
    }

    /** The entries with a batch behind them, without those of files that are gone. */
    function entriesAfter({ files }: State, one: Shipper): Entry[] {
      const { inode, content, to } = one.batch!;
      const known = entryOf(one, one.batch!);
      const entry = { inode, content: known?.content ?? content, offset: to };
      if (!has('positionPerFile')) return [entry];
      const others = one.entries.filter((other) => other.inode !== inode);
      return [...others, entry]
        .filter((other) => files.some((file) => file.inode === other.inode))
        .sort((a, b) => a.inode - b.inode);
    }
  },
});

function entryOf({ entries }: Shipper, { inode }: { readonly inode: number }): Entry | undefined {
  return entries.find((entry) => entry.inode === inode);
}

function spelled(entries: readonly Entry[]): string {
  if (entries.length === 0) return ': none';
  return `: ${entries.map(({ inode, offset }) => `inode ${inode} at ${offset}`).join(', ')}`;
}

/** No line twice, and those of one file in order. */
function judgeShipped(shipped: readonly string[]): Flaw | undefined {
  const last = shipped.at(-1);
  if (last === undefined) return undefined;
  if (shipped.indexOf(last) < shipped.length - 1) return flaw('repeated', `line ${last} was shipped twice`);
  const [content, line] = last.split('.');
  const later = shipped.find(
    (one) => one.startsWith(`${content}.`) && Number(one.split('.')[1]) > Number(line),
  );
  return later === undefined ? undefined : flaw('reordered', `line ${last} was shipped after ${later}`);
}

/** Every line that is still there has been shipped. */
function judgeEnd({ files, shipped, shippers }: State): Flaw | undefined {
  for (const { content, lines } of files) {
    for (let line = 0; line < lines; line++) {
      const name = lineName(content, line);
      if (shipped.includes(name)) continue;
      if (shippers.every(({ at }) => at === 'away'))
        return flaw('stopped', `line ${name} is there, and nobody ships it`);
      return flaw('lost', `line ${name} was never shipped`);
    }
  }
  return undefined;
}
