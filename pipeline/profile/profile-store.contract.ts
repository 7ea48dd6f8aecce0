import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FoldProgress } from './partition-fold.ts';
import type { PartitionChange, ProfileStore } from './store.ts';

/** How the suite gets at an implementation. */
export interface ProfileStoreFixture {
  /** Another instance on the same data, as another process would open it. */
  open(topic?: string): Promise<ProfileStore>;
  /** Everything as it is now; calling the result brings it back, as a server that lost its last writes. */
  snapshot(): Promise<() => Promise<void>>;
  /** Loses everything. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

const DESCRIPTION = { rulesHash: 'r1', partitions: 4 };

const progress = (last: number): FoldProgress => ({
  last,
  counts: { events: last, repeats: 1, retries: 2, collisions: 3, recentEvictions: 4 },
});

function change(from: number | null, to: number, values: Record<string, string> = {}): PartitionChange {
  return {
    from,
    to,
    values: Object.entries(values).map(([visitor, value]) => ({
      visitor: Buffer.from(visitor, 'latin1'),
      value: Buffer.from(value, 'latin1'),
    })),
    segment: Buffer.from(`segment ${to}`),
    dropBefore: -1,
    progress: progress(to - 1),
    description: DESCRIPTION,
  };
}

const keys = (...visitors: string[]) => visitors.map((visitor) => Buffer.from(visitor, 'latin1'));

const texts = (read: (Buffer | null)[] | 'moved') =>
  read === 'moved' ? read : read.map((value) => value?.toString('latin1') ?? null);

/** What every profile store must do. */
export function profileStoreContract(name: string, makeFixture: () => Promise<ProfileStoreFixture>): void {
  describe(`profile store: ${name}`, () => {
    let fixture: ProfileStoreFixture;
    let store: ProfileStore;

    beforeEach(async () => {
      fixture = await makeFixture();
      store = await fixture.open();
    });
    afterEach(() => fixture.close());

    it('begins with nothing', async () => {
      expect(await store.claim(0)).toEqual({ mark: null, description: null, progress: null, segments: [] });
      expect(await store.read(0, null, keys('a'))).toEqual([null]);
      expect(await store.read(0, 0, keys('a'))).toBe('moved');
    });

    it('applies a change whole and shows it to every instance', async () => {
      const other = await fixture.open();
      expect(await store.apply(0, change(null, 3, { a: 'A1', b: 'B1' }))).toBe('applied');
      expect(await other.claim(0)).toEqual({
        mark: 3,
        description: DESCRIPTION,
        progress: progress(2),
        segments: [Buffer.from('segment 3')],
      });
      expect(await other.apply(0, change(3, 5, { b: 'B2', c: 'C1' }))).toBe('applied');
      expect(texts(await store.read(0, 5, keys('c', 'a', 'b', 'd')))).toEqual(['C1', 'A1', 'B2', null]);
    });

    it('describes a partition as a claim does', async () => {
      const described = async () => {
        const { description } = await store.claim(0);
        expect(await store.describe!(0)).toEqual(description);
        return description;
      };
      expect(await described()).toBeNull();
      await store.apply(0, change(null, 3, { a: 'A1' }));
      expect(await described()).toEqual(DESCRIPTION);
      await store.clear(0);
      expect(await described()).toBeNull();
    });

    it('says moved when the mark is not the expected one', async () => {
      await store.apply(0, change(null, 3, { a: 'A1' }));
      for (const mark of [null, 0, 2, 4]) expect(await store.read(0, mark, keys('a'))).toBe('moved');
    });

    it('refuses a change from another mark and leaves everything as it was', async () => {
      await store.apply(0, change(null, 3, { a: 'A1' }));
      const before = await store.claim(0);
      for (const from of [null, 1, 4]) {
        expect(await store.apply(0, change(from, 9, { a: 'wrong', x: 'wrong' }))).toBe('refused');
      }
      expect(await store.claim(0)).toEqual(before);
      expect(texts(await store.read(0, 3, keys('a', 'x')))).toEqual(['A1', null]);
    });

    it('refuses a first change that begins at a mark', async () => {
      expect(await store.apply(0, change(0, 3))).toBe('refused');
      expect((await store.claim(0)).mark).toBeNull();
    });

    it('finds that a change has been applied already, and applies nothing', async () => {
      const same = change(null, 3, { a: 'A1' });
      await store.apply(0, same);
      expect(await store.apply(0, same)).toBe('already');
      expect(await store.apply(0, { ...change(1, 3, { a: 'other' }), segment: null })).toBe('already');
      expect((await store.claim(0)).segments).toHaveLength(1);
      expect(texts(await store.read(0, 3, keys('a')))).toEqual(['A1']);
    });

    it('lets one of two owners win', async () => {
      const other = await fixture.open();
      const answers = await Promise.all([
        store.apply(0, change(null, 2, { a: 'mine' })),
        other.apply(0, change(null, 3, { a: 'theirs' })),
      ]);
      expect(answers.toSorted()).toEqual(['applied', 'refused']);
      const { mark } = await store.claim(0);
      expect(texts(await other.read(0, mark, keys('a')))).toEqual([mark === 2 ? 'mine' : 'theirs']);
    });

    it('refuses state of other rules or another number of partitions', async () => {
      await store.apply(0, change(null, 3));
      for (const description of [
        { ...DESCRIPTION, rulesHash: 'r2' },
        { ...DESCRIPTION, partitions: 5 },
      ]) {
        expect(await store.apply(0, { ...change(3, 4), description })).toBe('refused');
        expect(await store.apply(0, { ...change(null, 3), description })).toBe('refused');
      }
      expect((await store.claim(0)).mark).toBe(3);
    });

    it('keeps partitions and topics apart', async () => {
      const elsewhere = await fixture.open('another_topic');
      await store.apply(0, change(null, 3, { a: 'A0' }));
      await store.apply(1, change(null, 7, { a: 'A1' }));
      expect((await elsewhere.claim(0)).mark).toBeNull();
      expect(texts(await store.read(0, 3, keys('a')))).toEqual(['A0']);
      expect(texts(await store.read(1, 7, keys('a')))).toEqual(['A1']);
    });

    it('takes visitors and values of any bytes', async () => {
      const visitors = ['', '\0', '\0\0\0\0', '\xff\xfe', '{x}:y', "'; --", 'a'.repeat(5_000)];
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
      await store.apply(
        0,
        change(null, 1, Object.fromEntries(visitors.map((visitor, i) => [visitor, all + i]))),
      );
      expect(texts(await store.read(0, 1, keys(...visitors)))).toEqual(visitors.map((_, i) => all + i));
    });

    it('returns segments oldest first and drops those that are no longer needed', async () => {
      await store.apply(0, change(null, 2));
      await store.apply(0, change(2, 9));
      await store.apply(0, { ...change(9, 10), segment: null });
      await store.apply(0, change(10, 12));
      const segments = async () => (await store.claim(0)).segments.map(String);
      expect(await segments()).toEqual(['segment 2', 'segment 9', 'segment 12']);
      await store.apply(0, { ...change(12, 13), segment: null, dropBefore: 8 });
      expect(await segments()).toEqual(['segment 9', 'segment 12']);
      await store.apply(0, { ...change(13, 14), dropBefore: 9 });
      expect(await segments()).toEqual(['segment 12', 'segment 14']);
    });

    it('goes on from an older state as if nothing had come after it', async () => {
      await store.apply(0, change(null, 3, { a: 'A1' }));
      const back = await fixture.snapshot();
      await store.apply(0, { ...change(3, 6, { a: 'A2', b: 'B1' }), dropBefore: 3 });
      await back();
      const again = await fixture.open();
      expect(await again.claim(0)).toMatchObject({ mark: 3, segments: [Buffer.from('segment 3')] });
      expect(texts(await again.read(0, 3, keys('a', 'b')))).toEqual(['A1', null]);
      expect(await again.apply(0, change(6, 7))).toBe('refused');
      expect(await again.apply(0, change(3, 5, { b: 'B2' }))).toBe('applied');
    });

    it('begins anew after it has lost everything', async () => {
      await store.apply(0, change(null, 3, { a: 'A1' }));
      await fixture.lose();
      const again = await fixture.open();
      expect(await again.claim(0)).toEqual({ mark: null, description: null, progress: null, segments: [] });
      expect(await again.apply(0, change(3, 5))).toBe('refused');
      expect(await again.apply(0, change(null, 5, { b: 'B1' }))).toBe('applied');
      expect(texts(await again.read(0, 5, keys('a', 'b')))).toEqual([null, 'B1']);
    });

    it('forgets one partition when told to', async () => {
      await store.apply(0, change(null, 3, { a: 'A0' }));
      await store.apply(1, change(null, 3, { a: 'A1' }));
      await store.clear(0);
      await store.clear(5);
      expect(await store.claim(0)).toEqual({ mark: null, description: null, progress: null, segments: [] });
      expect(texts(await store.read(0, null, keys('a')))).toEqual([null]);
      expect(texts(await store.read(1, 3, keys('a')))).toEqual(['A1']);
      const renewed = { ...change(null, 4, { a: 'new' }), description: { rulesHash: 'r2', partitions: 4 } };
      expect(await store.apply(0, renewed)).toBe('applied');
    });
  });
}
