/** Where the servers of a benchmark are, as their clients on this machine reach them. */
export interface ServerAddresses {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
  readonly elasticsearchUrl: string;
}
