import { join } from 'node:path';
import { viewFailure } from '../readers/failure-view.ts';
import { recordPlace, type TopicReader } from '../readers/topic-reader.ts';
import { Buckets } from './buckets.ts';
import { Comparison, type HopCount } from './compare.ts';
import { decodeRow, encodeRow } from './rows.ts';

/** What stands in the topic for failures. */
export interface FailureCheck {
  readonly comparison: Comparison;
  /** The records of the topic by the stage that gave up, foreign ones left out. */
  readonly byStage: ReadonlyMap<string, number>;
}

/** Compares the topic for failures with what should be there: each failure as often as what failed. */
export class Failures {
  readonly #rows: Buckets;

  private constructor(rows: Buckets) {
    this.#rows = rows;
  }

  /** `failures`: how many are to be expected, roughly. */
  static async create(folder: string, failures: number): Promise<Failures> {
    return new Failures(await Buckets.create(join(folder, 'failures'), 2 * failures));
  }

  /**
   * Expects a failure of an event (`eventKey`) or of a record (`recordPlace`).
   *
   * @param answer `unknown`: it may be there or not
   */
  expect(key: string, answer: 'acknowledged' | 'unknown' = 'acknowledged'): Promise<void> | undefined {
    return this.#rows.add(key, encodeRow({ expected: { key, stated: null, group: '', answer } }));
  }

  /** Reads the topic and compares. Nothing can be expected afterwards. */
  async compare(
    topics: TopicReader,
    topic: string,
    mark: string,
    byRequestId: ReadonlyMap<string, string>,
  ): Promise<FailureCheck> {
    const byStage = new Map<string, number>();
    for await (const record of topics.records(topic)) {
      const where = recordPlace(topic, record);
      const text = String(record.value);
      const view = viewFailure(text, mark, byRequestId);
      const key = view?.key ?? where;
      const marked = view?.marked ?? text.includes(mark);
      const stage = view?.stage ?? 'nobody';
      const leads = stage === 'parser' && !view?.index;
      if (stage !== 'parser' && marked) byStage.set(stage, (byStage.get(stage) ?? 0) + 1);
      const observed = { hop: 0, key, group: '', content: '', fields: null, where, marked, leads };
      await this.#rows.add(key, encodeRow({ observed }));
    }
    const comparison = new Comparison([{ name: topic, multiplicity: 'each' }]);
    for await (const rows of this.#rows.drain()) comparison.add(rows.map(decodeRow));
    byStage.set('parser', own(comparison.counts[0]!) - sum(byStage.values()));
    return { comparison, byStage };
  }

  remove(): Promise<void> {
    return this.#rows.remove();
  }
}

/** The records of a hop that are the run's. */
export function own({ records, foreign }: Pick<HopCount, 'records' | 'foreign'>): number {
  return records - foreign;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
