import { parseJson, stringifyJson } from '../contracts/json.ts';
import type { FlatMessage } from '../contracts/messages.ts';
import { visitorKey } from '../contracts/visitor.ts';
import { ByteWriter } from '../json-text/byte-writer.ts';
import { FlatReader } from '../json-text/flat-reader.ts';
import type { ProfileFold } from '../profile/fold.ts';
import { type FoldInput, PartitionFold } from '../profile/partition-fold.ts';
import type { SourceRecord } from './stage-function.ts';

/** A record of `tracking_flattened`, read; or why it is none. */
export type Decoded = { readonly input: FoldInput } | { readonly problem: string };

const CLOSE = 0x7d;
/** What the visitor is known by, and what the stage itself writes. */
const OWN_FIELDS = ['event-domain_userid', 'event-network_userid', 'event-original_event_id'];

/** Reads flattened messages, as far as they are looked at, and writes them completed, mostly as they stood. */
export class PersisterMessages {
  readonly #reader: FlatReader;
  readonly #writer = new ByteWriter();

  constructor(profile: ProfileFold) {
    this.#reader = new FlatReader([...OWN_FIELDS, ...PartitionFold.reads(profile), ...profile.writes]);
  }

  decode(record: SourceRecord): Decoded {
    if (record.value === null) return { problem: 'the record has no value' };
    const fields = this.#reader.read(record.value) ?? parse(record.value);
    if (typeof fields === 'string') return { problem: fields };
    const eventId = fields['event-event_id'];
    if (typeof eventId !== 'string' || eventId === '') return { problem: 'event-event_id is missing' };
    const { known } = visitorKey({
      domain_userid: text(fields['event-domain_userid']),
      network_userid: text(fields['event-network_userid']),
      event_id: eventId,
    });
    const visitor = known && record.key ? record.key.toString('latin1') : null;
    return { input: { offset: record.offset, timestamp: record.timestamp, visitor, fields } };
  }

  /**
   * The message with more values, as JSON. They are put behind the others as these stand; only where one of them is there already
   * the message is written anew.
   *
   * @param fields what was read of the message
   */
  completed(value: Buffer, fields: FlatMessage, added: FlatMessage): Buffer {
    const names = Object.keys(added);
    if (names.length === 0) return value;
    if (value.at(-1) !== CLOSE || names.some((name) => Object.hasOwn(fields, name))) {
      const message = parse(value);
      if (typeof message === 'string') throw new Error(message);
      return Buffer.from(stringifyJson(Object.assign(message, added)));
    }
    const writer = this.#writer;
    writer.begin();
    writer.copy(value, 0, value.length - 1);
    writer.text(`,${stringifyJson(added).slice(1)}`);
    return writer.take();
  }
}

/** The message; else what is wrong with it. */
function parse(value: Buffer): FlatMessage | string {
  let message: unknown;
  try {
    message = parseJson(value.toString());
  } catch (error) {
    return `no JSON: ${(error as Error).message}`;
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return 'not an object of values';
  }
  return message as FlatMessage;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
