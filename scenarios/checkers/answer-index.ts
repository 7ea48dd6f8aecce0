import type { Answer } from '../../simulator/ledger/records.ts';

/** What is kept of an answer. */
export interface KnownAnswer {
  readonly outcome: Answer['outcome'];
  /** The network user id that the answer set. */
  readonly networkUserId: string | undefined;
}

/** How many answers the ledger holds, by outcome. */
export type AnswerCounts = Record<Answer['outcome'], number>;

const OUTCOMES = ['acknowledged', 'refused', 'unknown'] as const;
const CHUNK = 4_096;

interface Chunk {
  /** 0: no answer; else 1 and the index in OUTCOMES. */
  readonly outcomes: Uint8Array;
  /** 0: none; else 1 and the index in the list of ids. */
  readonly ids: Uint32Array;
}

/**
 * All answers of a ledger by request number: five bytes a request and one entry for each network user id. Answers can come in any
 * order, any time after their intent or never, so a join that reads both files side by side would have to hold as much.
 */
export class AnswerIndex {
  readonly counts: AnswerCounts = { acknowledged: 0, refused: 0, unknown: 0 };
  /** Of the refused those that nobody was there to refuse. */
  unreachable = 0;
  readonly #chunks = new Map<number, Chunk>();
  readonly #ids: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** Reads the answers to their end. Of several to one request the last counts; `counts` has them all. */
  static async read(answers: AsyncIterable<Answer>): Promise<AnswerIndex> {
    const index = new AnswerIndex();
    for await (const answer of answers) index.#add(answer);
    return index;
  }

  /** How many answers there are. */
  get size(): number {
    return this.counts.acknowledged + this.counts.refused + this.counts.unknown;
  }

  /** Undefined where there is no answer. */
  get(request: number): KnownAnswer | undefined {
    const chunk = this.#chunks.get(Math.floor(request / CHUNK));
    const at = request % CHUNK;
    const outcome = chunk === undefined ? 0 : chunk.outcomes[at]!;
    if (outcome === 0) return undefined;
    return { outcome: OUTCOMES[outcome - 1]!, networkUserId: this.#ids[chunk!.ids[at]! - 1] };
  }

  #add({ request, outcome, status, networkUserId }: Answer): void {
    if (outcome === 'refused' && status === null) this.unreachable += 1;
    const number = Math.floor(request / CHUNK);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = { outcomes: new Uint8Array(CHUNK), ids: new Uint32Array(CHUNK) };
      this.#chunks.set(number, chunk);
    }
    this.counts[outcome] += 1;
    const at = request % CHUNK;
    chunk.outcomes[at] = 1 + OUTCOMES.indexOf(outcome);
    chunk.ids[at] = networkUserId === undefined ? 0 : this.#number(networkUserId);
  }

  #number(id: string): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#ids.push(id);
      this.#numbers.set(id, number);
    }
    return number;
  }
}
