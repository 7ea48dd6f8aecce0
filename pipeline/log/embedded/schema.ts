/** Marks the file as an event log of clickproof: "CPel". */
export const APPLICATION_ID = 0x4350_656c;
/** Raised with every change of the tables; a file of another version is refused, never altered. */
export const SCHEMA_VERSION = 1;

/**
 * `batches` is clustered by its rowid, so that appends of all partitions go to the right edge of one tree and freed
 * pages are used again; the index finds the batch that holds an offset.
 */
export const SCHEMA = `
  CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    partitions INTEGER NOT NULL,
    cleanup TEXT NOT NULL,
    retention_ms INTEGER,
    retention_bytes INTEGER,
    max_record_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE partitions (
    id INTEGER PRIMARY KEY,
    topic_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    start_offset INTEGER NOT NULL DEFAULT 0,
    next_offset INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    compacted_offset INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic_id, number)
  ) STRICT;
  CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    partition_id INTEGER NOT NULL,
    base_offset INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    count INTEGER NOT NULL,
    min_timestamp INTEGER NOT NULL,
    max_timestamp INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX batches_by_offset ON batches (partition_id, last_offset);
  CREATE TABLE producers (
    transactional_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE group_offsets (
    group_name TEXT NOT NULL,
    partition_id INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    PRIMARY KEY (group_name, partition_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE generations (
    group_name TEXT NOT NULL,
    topic_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (group_name, topic_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    group_name TEXT NOT NULL,
    topic_id INTEGER NOT NULL,
    member TEXT NOT NULL UNIQUE,
    heartbeat INTEGER NOT NULL,
    session_ms INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE owners (
    group_name TEXT NOT NULL,
    partition_id INTEGER NOT NULL,
    member TEXT,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (group_name, partition_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tasks (
    name TEXT PRIMARY KEY,
    taken_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
