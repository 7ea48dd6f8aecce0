import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import {
  type SpawnedServer,
  spawnClickHouseServer,
} from '../../../pipeline/clickhouse-server/spawn-server.ts';
import { type OwnBroker, TEST_USER } from '../../../pipeline/log/kafka/testing/broker.ts';
import { RedisServer } from '../../../pipeline/profile/redis/testing/redis-server.ts';
import { CLICKPROOF } from '../../../scenarios/correctness/embedded.ts';
import { startElasticsearch } from '../../definitions/elasticsearch.ts';
import { closeNetwork, openNetwork } from '../../definitions/network.ts';
import type { Engine } from '../../engine/index.ts';
import { testRun } from '../../testing/engine.ts';
import { selfSigned, startTlsProxy, type TlsProxy } from '../../testing/tls-proxy.ts';

/** Of every server. */
export const PASSWORD = 'not-a-secret';

type Sections = Readonly<Record<string, Record<string, unknown>>>;

/** What a command said, and where its files are. */
export interface Ran {
  readonly said: string;
  readonly failed: boolean;
  readonly out: string;
}

/** Services that are somebody's own, by TLS and with credentials: Redis on a server of its own, ClickHouse as an engine, Elasticsearch in a container. */
export class OwnServices {
  readonly folder = mkdtempSync(join(tmpdir(), 'clickproof-external-'));
  /** As a configuration file names them. */
  sections!: Sections;
  redis!: RedisServer;
  #clickhouse!: SpawnedServer;
  #elasticsearchUrl!: string;
  #runs = 0;
  readonly #undo: (() => unknown)[] = [() => rmSync(this.folder, { recursive: true, force: true })];

  async start(engine: Engine, broker: OwnBroker): Promise<void> {
    const { folder } = this;
    const tls = selfSigned(folder);
    const context = await openNetwork(engine, testRun('external'));
    this.undoLater(() => closeNetwork(context));
    const proxied = async (...args: Parameters<typeof startTlsProxy>): Promise<TlsProxy> => {
      const proxy = await startTlsProxy(...args);
      this.undoLater(() => proxy.close());
      return proxy;
    };
    const elasticsearch = await startElasticsearch(context);
    this.#elasticsearchUrl = elasticsearch.url;
    const login = `Basic ${Buffer.from(`analyst:${PASSWORD}`).toString('base64')}`;
    const elasticsearchByTls = await proxied(elasticsearch.url, tls, login);
    this.#clickhouse = await spawnClickHouseServer({ path: join(folder, 'clickhouse'), password: PASSWORD });
    this.undoLater(() => this.#clickhouse.kill());
    const clickhouseByTls = await proxied(this.#clickhouse.url, tls);
    const options = ['--requirepass', PASSWORD, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
    this.redis = await RedisServer.start(options);
    this.undoLater(() => this.redis.close());
    const kafkaCaFile = join(folder, 'kafka.pem');
    writeFileSync(kafkaCaFile, broker.certificate);
    this.sections = {
      pipeline: {
        ...{ eventLog: 'kafka', kafkaBrokers: [broker.secureAddress], kafkaTls: true, kafkaCaFile },
        ...{ kafkaUser: TEST_USER.username, kafkaPassword: TEST_USER.password, profiles: 'redis' },
        ...{ partitions: 3, topics: { raw: 'web_raw', persisted: 'web_persisted' } },
        groups: { parser: 'web_parser' },
      },
      redis: { redisUrl: `redis://:${PASSWORD}@127.0.0.1:${this.redis.port}/2` },
      clickhouseSink: {
        ...{ clickhouseUrl: clickhouseByTls.url, clickhouseDatabase: 'web' },
        ...{ clickhousePassword: PASSWORD, clickhouseCaFile: tls.certificate },
      },
      elasticsearchSink: {
        ...{ elasticsearchUrl: elasticsearchByTls.url, elasticsearchIndex: 'web_persisted' },
        ...{ elasticsearchUser: 'analyst', elasticsearchPassword: PASSWORD },
        elasticsearchCaFile: tls.certificate,
      },
    };
  }

  /** Has something done when the services are stopped, before that. */
  undoLater(step: () => unknown): void {
    this.#undo.push(step);
  }

  async stop(): Promise<void> {
    for (const step of this.#undo.reverse()) await step();
  }

  /** Runs a command on the services as users do, with more sections or others. */
  async run(
    command: string,
    flags: readonly string[],
    { sections, environment }: { sections?: object; environment?: Record<string, string> } = {},
  ): Promise<Ran> {
    const out = join(this.folder, `run-${++this.#runs}`);
    const config = `${out}.yaml`;
    writeFileSync(config, stringify({ ...this.sections, ...sections }));
    const args = [command, '--stack', 'external', '--config', config, '--out', out, ...flags];
    const [node, ...rest] = [...CLICKPROOF, ...args] as [string, ...string[]];
    const env = { ...process.env, ...environment };
    const running = promisify(execFile)(node, rest, { env });
    // One that a test has given up must not go on.
    this.undoLater(() => running.child.kill('SIGKILL'));
    const { failed, stdout, stderr } = await running.then(
      (said) => ({ ...said, failed: false }),
      (error: { stdout: string; stderr: string }) => ({ ...error, failed: true }),
    );
    return { said: `${stdout}\n${stderr}`, failed, out };
  }

  /** Does at ClickHouse and Elasticsearch what a run says of how its events are deleted. */
  async deleteAsSaid(said: string): Promise<void> {
    for (const [, statement] of said.matchAll(/^ +ClickHouse +(ALTER .*)$/gm)) await this.sql(statement!);
    const [, path, query] = /^ +Elasticsearch +POST (\S+) (.*)$/m.exec(said)!;
    await this.#deleteMatching(path!, query!);
  }

  async sql(statement: string): Promise<unknown> {
    const settings = new URLSearchParams({ user: 'default', password: PASSWORD, mutations_sync: '1' });
    const answer = await fetch(`${this.#clickhouse.url}/?${settings}`, { method: 'POST', body: statement });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
    return text.startsWith('{') ? JSON.parse(text) : undefined;
  }

  async search(path: string, body: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.#elasticsearchUrl}${path}`, { method: 'POST', headers, body });
    if (answer.status !== 200) throw new Error(await answer.text());
    return answer.json();
  }

  /** An assembled Elasticsearch has no `_delete_by_query`; what the query finds is what it would delete. */
  async #deleteMatching(path: string, query: string): Promise<void> {
    const index = path.replace('/_delete_by_query', '');
    if (index !== '/web_persisted') throw new Error(`${index} is another's`);
    const { hits } = (await this.search(
      `${index}/_search`,
      JSON.stringify({ ...JSON.parse(query), size: 10_000 }),
    )) as { hits: { hits: { _index: string; _id: string }[] } };
    const lines = hits.hits.map(({ _index, _id }) => `${JSON.stringify({ delete: { _index, _id } })}\n`);
    await this.search('/_bulk?refresh=true', lines.join(''));
  }
}
