import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';

/** What is fetched from Maven Central: `org.apache.kafka:kafka_2.13` and `org.apache.kafka:kafka-tools`. */
const VERSION = '4.1.0';
const READY_WITHIN_MS = 60_000;

/**
 * A broker's settings as the tests want them: nobody is waited for, sessions may be short, what hangs is ended soon, retention and
 * compaction are looked after all the time. A broker named by CLICKPROOF_TEST_KAFKA must have them too.
 */
export const TEST_BROKER_SETTINGS: Readonly<Record<string, string>> = {
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'auto.create.topics.enable': 'false',
  'log.initial.task.delay.ms': '1000',
  'log.retention.check.interval.ms': '300',
  'log.cleaner.backoff.ms': '200',
  'log.segment.delete.delay.ms': '0',
};

/** A Kafka broker for tests. */
export interface TestBroker {
  /** `host:port`. */
  readonly address: string;
  /** Only of a broker that was started here: ends it as if its machine had lost power. */
  kill?(): Promise<void>;
  /** Stops answering, without closing a connection; and goes on. */
  pause?(): void;
  resume?(): void;
  /** Starts a killed one again, on its data and port. */
  restart?(): Promise<void>;
  stop(): Promise<void>;
}

/** Either how to get a broker, or why there is none. */
export type BrokerSource = { readonly start: () => Promise<TestBroker> } | { readonly missing: string };

/**
 * Finds a broker: the one named by CLICKPROOF_TEST_KAFKA (`host:port`), else one that is started out of the jars in the cache
 * directory (`$XDG_CACHE_HOME/clickproof/kafka/4.1.0/lib`, else under `~/.cache`).
 *
 * @param own the test kills it: no shared one will do
 */
export function findBroker({ own = false } = {}): BrokerSource {
  const named = process.env.CLICKPROOF_TEST_KAFKA;
  if (named && !own) return { start: async () => ({ address: named, stop: async () => {} }) };
  const lib = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'clickproof',
    'kafka',
    VERSION,
    'lib',
  );
  if (!existsSync(lib) || !readdirSync(lib).some((name) => name.startsWith('kafka_2.13'))) {
    return { missing: `no Kafka: CLICKPROOF_TEST_KAFKA is not set, and ${lib} has no jars` };
  }
  if (!(process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, 'java')))) {
    return { missing: 'no Kafka: CLICKPROOF_TEST_KAFKA is not set, and there is no java on the PATH' };
  }
  return { start: () => LocalBroker.start(lib) };
}

/** A broker and controller in one JVM, in KRaft mode. */
class LocalBroker implements TestBroker {
  readonly address: string;
  readonly #directory: string;
  readonly #lib: string;
  #process: ChildProcess | undefined;
  #pid = 0;
  #output: string[] = [];

  private constructor(lib: string, directory: string, port: number) {
    this.#lib = lib;
    this.#directory = directory;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(lib: string): Promise<LocalBroker> {
    const directory = mkdtempSync(join(tmpdir(), 'clickproof-kafka-'));
    const [port, controllerPort] = [await freePort(), await freePort()];
    const properties = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(directory, 'data'),
      ...TEST_BROKER_SETTINGS,
    };
    const file = join(directory, 'server.properties');
    writeFileSync(
      file,
      Object.entries(properties)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    mkdirSync(join(directory, 'data'));
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const format = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', file];
    await promisify(execFile)('java', ['-XX:TieredStopAtLevel=1', '-cp', join(lib, '*'), ...format]);
    const broker = new LocalBroker(lib, directory, port);
    await broker.restart();
    return broker;
  }

  async restart(): Promise<void> {
    const java = ['java', '-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', join(this.#lib, '*'), 'kafka.Kafka'];
    // The shell ends the JVM when its standard input does, so that none is left behind by tests that are broken off.
    const script = '"$@" </dev/null & echo "pid $!"; read _; kill -KILL $! 2>/dev/null; wait';
    const child = spawn('sh', ['-c', script, 'sh', ...java, join(this.#directory, 'server.properties')], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#pid ||= Number(/^pid (\d+)/.exec(text)?.[1] ?? 0);
        this.#output = [...this.#output, text].slice(-20);
      });
    }
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (await answers(this.address)) return;
      if (Date.now() > deadline) {
        await this.stop();
        throw new Error(`Kafka did not get ready:\n${this.#output.join('')}`);
      }
      await delay(100);
    }
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    this.#pid = 0;
    if (child === undefined) return;
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }

  pause(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** True when a broker is there and has a controller and itself as a broker. */
async function answers(address: string): Promise<boolean> {
  const kafka = new Kafka({ brokers: [address], retry: { retries: 0 }, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length > 0 && controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
