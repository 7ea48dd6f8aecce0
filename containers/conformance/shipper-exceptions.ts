/** One thing in which the records of a line are not the same. */
export interface ShippedDifference {
  /** The line as it stands in the log, latin1. */
  readonly line: string;
  /** A part of the envelope, `key`, `partition`, or `count` of records of the line. */
  readonly what: string;
  readonly filebeat: unknown;
  readonly builtIn: unknown;
}

/** A difference between Filebeat and the built-in shipper that is known and accepted. */
export interface ShipperException {
  readonly name: string;
  readonly differs: readonly string[];
  readonly when: (difference: ShippedDifference) => boolean;
  readonly filebeat: string;
  readonly builtIn: string;
  readonly why: string;
}

/** As `EXCEPTIONS`: what no row explains is a fault, and a row that explains nothing is one, too. */
export const SHIPPER_EXCEPTIONS: readonly ShipperException[] = [
  {
    name: 'where the key stands in the envelope',
    differs: ['fields'],
    when: ({ builtIn }) => builtIn === undefined,
    filebeat: '`fields.partition_key`',
    builtIn: 'nowhere',
    why: 'Filebeat can take the key of a record from a field of the event only; nobody reads it',
  },
  {
    name: 'the key of a line that escapes characters in it',
    differs: ['key', 'partition'],
    when: ({ line }) => /"partition_key":"[^"]*\\/.test(line),
    filebeat: 'the characters as they stand in the line, up to `"}`',
    builtIn: 'the value',
    why: '`dissect` cuts a text and knows no JSON. The key decides on the partition alone, and escapes are always the same for a visitor',
  },
  {
    name: 'the key of a line that is invalid UTF-8 in it',
    differs: ['key', 'partition'],
    when: ({ line }) => /"partition_key":"[^"]*\ufffd/.test(line),
    filebeat: 'the bytes',
    builtIn: 'U+FFFD for each bad byte',
    why: 'the built-in shipper takes the key from the message. The key decides on the partition alone',
  },
  {
    name: 'a key of more than 4 KiB',
    differs: ['key'],
    when: ({ filebeat, builtIn }) =>
      typeof filebeat === 'string' &&
      typeof builtIn === 'string' &&
      builtIn.length <= 4_096 &&
      filebeat.length > 4_096 &&
      filebeat.startsWith(builtIn),
    filebeat: 'all of it',
    builtIn: 'as much of it as fits; the partition is that of the whole',
    why: 'what a topic takes is known, so what comes with a record must be bounded: one request could stop everything behind it',
  },
  {
    name: 'the key of a line in which other fields follow it',
    differs: ['key', 'partition'],
    when: ({ line }) => /"partition_key":/.test(line) && !/"partition_key":"[^"]*"\}[^"]*$/.test(line),
    filebeat: 'the rest of the line',
    builtIn: 'the value',
    why: 'both collectors write it last; `dissect` relies on that',
  },
];
