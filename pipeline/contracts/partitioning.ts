/** The longest record key that is written, bytes: some times the longest that a visitor of a valid event can have. */
export const MAX_KEY_BYTES = 4_096;

/**
 * A record key as it is written: whoever sends a request can have it made of any length, and event logs refuse what is too long. The
 * partition is that of the whole key.
 */
export function keptKey(key: Buffer): Buffer {
  return key.length > MAX_KEY_BYTES ? Buffer.from(key.subarray(0, MAX_KEY_BYTES)) : key;
}

/**
 * Filebeat's partitioner for keyed events: FNV-1a (32 bit) of the key, sign bit cleared, modulo the partitions.
 * Used for `tracking_raw`, so that the built-in shipper and Filebeat agree.
 */
export function fnv1aPartition(key: Uint8Array, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of key) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash & 0x7fffffff) % partitions;
}

/**
 * Kafka's default partitioner for keyed records: murmur2 with seed 0x9747b28c, sign bit cleared, modulo the
 * partitions (org.apache.kafka.common.utils.Utils). Used from `tracking_processed` on.
 */
export function murmur2Partition(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** MurmurHash2, 32 bit, as Kafka's Java client computes it. */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = data.length;
  let h = 0x9747b28c ^ length;
  const words = length >> 2;
  for (let i = 0; i < words; i++) {
    const o = i << 2;
    let k = data[o]! | (data[o + 1]! << 8) | (data[o + 2]! << 16) | (data[o + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const tail = words << 2;
  const rest = length & 3;
  if (rest >= 3) h ^= data[tail + 2]! << 16;
  if (rest >= 2) h ^= data[tail + 1]! << 8;
  if (rest >= 1) {
    h ^= data[tail]!;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h;
}
