import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../../../containers/images/cache.ts';
import { freePort } from '../../../../containers/roles/free-port.ts';
import { Kafka, logLevel } from '../kafkajs.ts';

const READY_WITHIN_MS = 240_000;

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
  stop(): Promise<void>;
}

/** One that belongs to the test alone. */
export interface OwnBroker extends TestBroker {
  /** A proxy that listens on the one port and passes on to the other is taken for the broker by those who are sent to it. */
  readonly proxied: { readonly listen: number; readonly target: number };
  /** `host:port`, by TLS and SCRAM. */
  readonly secureAddress: string;
  /** The certificate of the secure address, PEM. */
  readonly certificate: string;
  /** Ends it as if its machine had lost power. */
  kill(): Promise<void>;
  /** Starts it again, on its data and ports. */
  restart(): Promise<void>;
  /** Stops answering, without closing a connection; and goes on. */
  pause(): void;
  resume(): void;
}

/** The user of the secure address. */
export const TEST_USER = { username: 'clickproof', password: 'not-a-secret' };

/** How to get a broker. */
export interface BrokerSource {
  /** Why there is none. */
  readonly missing?: string;
  /** The broker named by the environment, else one of its own. */
  start(): Promise<TestBroker>;
  startOwn(): Promise<OwnBroker>;
}

/**
 * Finds a broker: the one named by CLICKPROOF_TEST_KAFKA (`host:port`), else one that is started out of the jars in the cache
 * directory of `npm run images` (`$XDG_CACHE_HOME/clickproof/images/kafka-jars-*`, else under `~/.cache`).
 */
export function findBroker(): BrokerSource {
  const named = process.env.CLICKPROOF_TEST_KAFKA;
  const lib = newestJars(join(cacheDirectory(), 'images'));
  const startOwn = () => LocalBroker.start(lib!);
  const start = async () => (named ? { address: named, stop: async () => {} } : startOwn());
  const missing = whyMissing(lib);
  return missing === undefined ? { start, startOwn } : { start, startOwn, missing };
}

/** The jars that the image was made of last. */
function newestJars(images: string): string | undefined {
  const found = globSync('kafka-jars-*/libs', { cwd: images }).map((name) => join(images, name));
  return found.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

function whyMissing(lib: string | undefined): string | undefined {
  if (lib === undefined) return 'no Kafka: its jars are not in the cache (npm run images -- --only kafka)';
  const path = (process.env.PATH ?? '').split(':');
  return path.some((directory) => existsSync(join(directory, 'java')))
    ? undefined
    : 'no Kafka: no java on the PATH';
}

/** A broker and controller in one JVM, in KRaft mode. */
class LocalBroker implements OwnBroker {
  readonly address: string;
  readonly secureAddress: string;
  readonly certificate: string;
  readonly proxied: { readonly listen: number; readonly target: number };
  readonly #directory: string;
  readonly #lib: string;
  #process: ChildProcess | undefined;
  #pid = 0;
  #output: string[] = [];

  private constructor(lib: string, directory: string, ports: readonly number[], certificate: string) {
    const [plain, secure, listen, target] = ports as [number, number, number, number];
    this.#lib = lib;
    this.#directory = directory;
    this.address = `127.0.0.1:${plain}`;
    this.secureAddress = `localhost:${secure}`;
    this.certificate = certificate;
    this.proxied = { listen, target };
  }

  static async start(lib: string): Promise<LocalBroker> {
    const directory = mkdtempSync(join(tmpdir(), 'clickproof-kafka-'));
    const ports = await Promise.all([1, 2, 3, 4, 5].map(freePort));
    const [plain, secure, proxy, proxied, controller] = ports as [number, number, number, number, number];
    const keystore = join(directory, 'keystore.p12');
    const properties = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: `PLAIN://127.0.0.1:${plain},SECURE://127.0.0.1:${secure},PROXIED://127.0.0.1:${proxied},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAIN://127.0.0.1:${plain},SECURE://localhost:${secure},PROXIED://127.0.0.1:${proxy}`,
      'listener.security.protocol.map':
        'PLAIN:PLAINTEXT,SECURE:SASL_SSL,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAIN',
      'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.secure.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'ssl.keystore.location': keystore,
      'ssl.keystore.password': 'not-a-secret',
      'log.dirs': join(directory, 'data'),
      ...TEST_BROKER_SETTINGS,
    };
    const file = join(directory, 'server.properties');
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''));
    mkdirSync(join(directory, 'data'));
    const run = promisify(execFile);
    const keytool = ['-keystore', keystore, '-storepass', 'not-a-secret', '-alias', 'kafka'];
    const names = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost'];
    await run('keytool', ['-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12', ...names, ...keytool]);
    const { stdout: certificate } = await run('keytool', ['-exportcert', '-rfc', ...keytool]);
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const user = `SCRAM-SHA-512=[name=${TEST_USER.username},password=${TEST_USER.password}]`;
    const format = [
      'kafka.tools.StorageTool',
      'format',
      `--cluster-id=${id}`,
      '-c',
      file,
      '--add-scram',
      user,
    ];
    await run('java', ['-XX:TieredStopAtLevel=1', '-cp', join(lib, '*'), ...format]);
    const broker = new LocalBroker(lib, directory, ports, certificate);
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
