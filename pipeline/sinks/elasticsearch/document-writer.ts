import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@elastic/elasticsearch';
import { parseJson, stringifyJson } from '../../contracts/json.ts';
import type { FlatMessage } from '../../contracts/messages.ts';
import type { BulkWriter, Write } from './bulk.ts';
import { type DocumentSource, type EventDocument, secondIdOf } from './document.ts';
import { mixedField } from './mapping.ts';
import type { ItemError, Outcome } from './outcome.ts';

/** An event that Elasticsearch refuses for good, by its place in what was given, and why. */
export interface RefusedDocument {
  readonly place: number;
  readonly error: ItemError;
}

/** Counters since the start. */
export interface ConflictStats {
  /** Events that were there already, with the same content: written before by somebody who died before he could say so. */
  replayed: number;
  /** Events that were there with other content, and now have this one's. */
  renewed: number;
  /** Events that stand under their second name, because another one has their id. */
  collisions: number;
}

/** An event that has to find its place. */
interface Placed {
  readonly place: number;
  readonly document: EventDocument;
  /** Where it is tried: its id, or its second name. */
  readonly id: string;
}

interface Found {
  readonly source: DocumentSource;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** How often a refused document is tried whose fields are mapped meanwhile. */
const ATTEMPTS = 3;
const LOOK_DOCUMENTS = 500;
const LOOK_BYTES = 4 << 20;
/** More rounds than this are no race any more. */
const MOST_ROUNDS = 50;

/**
 * Writes events, each once whoever writes it how often: see docs/decisions/0050. An id that is taken leads to a look at what is
 * there, and that decides: the same event, or another one with its id.
 */
export class DocumentWriter {
  readonly stats: ConflictStats = { replayed: 0, renewed: 0, collisions: 0 };
  readonly #client: Client;
  readonly #bulk: BulkWriter;

  constructor(client: Client, bulk: BulkWriter) {
    this.#client = client;
    this.#bulk = bulk;
  }

  /**
   * Resolves when every event is in Elasticsearch or refused for good; says which are refused.
   *
   * @throws the signal's reason when it is aborted
   */
  async write(documents: readonly EventDocument[], signal: AbortSignal): Promise<RefusedDocument[]> {
    const refused: RefusedDocument[] = [];
    for (
      let left = documents.map((document, place) => ({ document, place, id: document.id }));
      left.length > 0;
    ) {
      const { first, second } = ranked(left);
      await this.#place(first, refused, signal);
      // Only now that the first ones stand at their ids is it settled that the others do not.
      const failed = new Set(refused.map(({ place }) => documents[place]!.secondId));
      await this.#place(
        second
          .filter(({ before }) => !failed.has(before))
          .map(({ placed }) => ({ ...placed, id: placed.document.secondId })),
        refused,
        signal,
      );
      left = second.filter(({ before }) => failed.has(before)).map(({ placed }) => placed);
    }
    return refused;
  }

  async #place(placed: readonly Placed[], refused: RefusedDocument[], signal: AbortSignal): Promise<void> {
    let taken = await this.#create(placed, refused, signal);
    for (let round = 1; taken.length > 0; round++) {
      if (round > MOST_ROUNDS) {
        throw new Error('documents with conflicting ids keep changing in Elasticsearch');
      }
      taken = await this.#settle(taken, refused, signal);
    }
  }

  /** Makes the documents; returns those whose id is taken. */
  async #create(
    placed: readonly Placed[],
    refused: RefusedDocument[],
    signal: AbortSignal,
  ): Promise<Placed[]> {
    const outcomes = await this.#bulk.write(placed.map(creation), signal);
    const taken: Placed[] = [];
    const second: Placed[] = [];
    outcomes.forEach((outcome, i) => {
      if (outcome.kind === 'conflict') taken.push(placed[i]!);
      else if (outcome.kind === 'refused') second.push(placed[i]!);
    });
    for (const one of second) {
      const outcome = await this.#anotherAttempt(one, signal);
      if (outcome.kind === 'conflict') taken.push(one);
      else if (outcome.kind === 'refused') refused.push({ place: one.place, error: outcome.error });
    }
    return taken;
  }

  /**
   * A refused document once more, by itself. Two documents that bring a new field at once, with values of two kinds, are in each
   * other's way, which has passed by now; one that brings it with both kinds in a list is in its own, so such fields are mapped
   * for it; and what JSON allows and Elasticsearch does not (a name twice) is gone when the text is written anew.
   */
  async #anotherAttempt({ document, id }: Placed, signal: AbortSignal): Promise<Outcome> {
    const { index } = document;
    const parsed = parseJson(document.source.toString()) as unknown as DocumentSource;
    const write = { index, id, source: Buffer.from(stringifyJson(parsed)) };
    const mixed = mixedNames(parsed.tracking);
    for (let attempt = 1; ; attempt++) {
      if (mixed.length > 0) await this.#mapMixed(index, mixed, signal);
      const [outcome] = await this.#bulk.write([write], signal);
      // Somebody else may have mapped one of the fields at the same moment.
      if (outcome!.kind !== 'refused' || mixed.length === 0 || attempt === ATTEMPTS) return outcome!;
    }
  }

  async #mapMixed(index: string, names: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const found = await this.#client.indices.getMapping({ index }, { signal });
      const { tracking } = found[index]?.mappings.properties ?? {};
      const known = tracking && 'properties' in tracking ? tracking.properties : undefined;
      const unknown = names.filter((name) => !Object.hasOwn(known ?? {}, name));
      if (unknown.length > 0) {
        await this.#client.indices.putMapping({ index, ...mixedField(unknown) }, { signal });
      }
    } catch {
      // No room for more fields, no connection: whether it matters shows when the document is sent.
      signal.throwIfAborted();
    }
  }

  /** One look at the places that are taken; returns those who have to look again. */
  async #settle(
    taken: readonly Placed[],
    refused: RefusedDocument[],
    signal: AbortSignal,
  ): Promise<Placed[]> {
    const next: Placed[] = [];
    const found = await this.#look(taken, signal);

    const creating: Placed[] = [];
    const moving: Write[] = [];
    const putting: { readonly placed: Placed; readonly write: Write }[] = [];
    taken.forEach((placed, i) => {
      const there = found[i];
      const { document, id } = placed;
      const put = () => {
        const { seqNo, primaryTerm } = there!;
        putting.push({ placed, write: { ...creation(placed), over: { seqNo, primaryTerm } } });
      };
      if (!there) {
        creating.push(placed);
        return;
      }
      const theirs = secondIdOf(there.source.tracking);
      if (theirs === document.secondId) {
        if (isDeepStrictEqual(there.source, parseJson(document.source.toString()))) this.stats.replayed++;
        else put();
      } else if (id !== document.id) {
        const error = { type: 'id_taken', reason: `the id ${id} is taken by something else` };
        refused.push({ place: placed.place, error });
      } else if (document.secondId < theirs) {
        // First a second place for what is there, then its place for this one: nothing is ever missing.
        const source = Buffer.from(stringifyJson(there.source));
        moving.push({ index: document.index, id: theirs, source, over: {} });
        put();
      } else {
        creating.push({ ...placed, id: document.secondId });
      }
    });

    if (moving.length > 0) await this.#bulk.write(moving, signal);
    this.stats.collisions += moving.length;
    const outcomes = await this.#bulk.write(
      putting.map(({ write }) => write),
      signal,
    );
    outcomes.forEach((outcome, i) => {
      const { placed } = putting[i]!;
      if (outcome.kind === 'conflict') next.push(placed);
      else if (outcome.kind === 'refused') refused.push({ place: placed.place, error: outcome.error });
      else this.stats.renewed++;
    });
    const stillTaken = await this.#create(creating, refused, signal);
    this.stats.collisions += creating.filter(
      (placed) => placed.id !== placed.document.id && !stillTaken.includes(placed),
    ).length;
    return [...stillTaken, ...next];
  }

  /** What stands at the places now, not as of the last refresh. */
  async #look(placed: readonly Placed[], signal: AbortSignal): Promise<(Found | undefined)[]> {
    const found: (Found | undefined)[] = [];
    for (const part of inParts(placed)) {
      const docs = part.map(({ document: { index: _index }, id: _id }) => ({ _index, _id }));
      const answer = await this.#client.mget<DocumentSource>({ docs }, { signal });
      for (const one of answer.docs) {
        if ('error' in one && one.error.type !== 'index_not_found_exception') {
          throw new Error(`Elasticsearch cannot read ${one._id}: ${one.error.reason}`);
        }
        found.push(
          'found' in one && one.found && one._source
            ? { source: one._source, seqNo: one._seq_no!, primaryTerm: one._primary_term! }
            : undefined,
        );
      }
    }
    return found;
  }
}

/** An event, and the second name of the one in the same batch that its id goes to. */
interface Runner {
  readonly placed: Placed;
  readonly before: string;
}

/** Of the events that share an id the one with the smallest second name comes first. Of an event that is given twice only the last counts. */
function ranked(given: readonly Placed[]): { first: Placed[]; second: Runner[] } {
  const events = new Map<string, Placed>();
  const smallest = new Map<string, string>();
  for (const placed of given) {
    const { index, id, secondId } = placed.document;
    events.set(`${index} ${secondId}`, placed);
    const other = smallest.get(`${index} ${id}`);
    if (other === undefined || secondId < other) smallest.set(`${index} ${id}`, secondId);
  }
  const first: Placed[] = [];
  const second: Runner[] = [];
  for (const placed of events.values()) {
    const { index, id, secondId } = placed.document;
    const before = smallest.get(`${index} ${id}`)!;
    if (before === secondId) first.push(placed);
    else second.push({ placed, before });
  }
  return { first, second };
}

/** As many as may be read at once, if what is there is as large as what is to come. */
function* inParts(placed: readonly Placed[]): Generator<Placed[]> {
  let part: Placed[] = [];
  let bytes = 0;
  for (const one of placed) {
    if (part.length === LOOK_DOCUMENTS || (part.length > 0 && bytes > LOOK_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(one);
    bytes += one.document.source.length;
  }
  if (part.length > 0) yield part;
}

function creation({ document: { index, source }, id }: Placed): Write {
  return { index, id, source };
}

/** Names whose values are lists of several kinds. */
function mixedNames(message: FlatMessage): string[] {
  return Object.keys(message).filter((name) => {
    const value = message[name];
    return (
      Array.isArray(value) &&
      new Set(value.filter((entry) => entry !== null).map((entry) => typeof entry)).size > 1
    );
  });
}
