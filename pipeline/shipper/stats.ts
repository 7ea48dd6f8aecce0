/** What a shipper has done since it started, and where it stands. */
export interface ShipperStats {
  /** Lines committed to the raw topic. */
  lines: number;
  /** Lines and torn ends committed to the failed topic. */
  failed: number;
  /** Bytes of the log in them. */
  bytes: number;
  transactions: number;
  /** How often shipping was interrupted, and went on from the committed position: what had been committed by then is not in the lines. */
  errors: number;
  /** Files whose content was no longer what had been shipped: truncated, or the inode used again. */
  replaced: number;
  /** Bytes known to have been in the log that nobody could read: truncated or deleted ahead of the reader. */
  lostBytes: number;
  /** Bytes seen and not handed out yet; an unterminated last line counts. */
  unreadBytes: number;
  openFiles: number;
  files: number;
}

export function emptyStats(): ShipperStats {
  return {
    lines: 0,
    failed: 0,
    bytes: 0,
    transactions: 0,
    errors: 0,
    replaced: 0,
    lostBytes: 0,
    unreadBytes: 0,
    openFiles: 0,
    files: 0,
  };
}
