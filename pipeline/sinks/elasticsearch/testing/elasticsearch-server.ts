import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';

/** A home made of Elasticsearch's published jars, with a script that runs it. */
const HOME = process.env.CLICKPROOF_ELASTICSEARCH_HOME ?? join(homedir(), '.cache/clickproof/elasticsearch');
const SCRIPT = join(HOME, 'run.sh');
const OLDEST_JAVA = 21;

const jdk = findJdk();
const missing =
  jdk === undefined ? `no JDK ${OLDEST_JAVA} here` : existsSync(SCRIPT) ? undefined : `no ${SCRIPT} here`;
const skipped = missing !== undefined && !process.env.CLICKPROOF_REQUIRE_SERVERS;

/** Starting one on a busy machine takes a while. */
export const STARTING_MS = 300_000;

/** Tests that need a real Elasticsearch: skipped where there is none, unless CLICKPROOF_REQUIRE_SERVERS says that there must be. */
export function describeElasticsearch(name: string, tests: () => void): void {
  describe.skipIf(skipped)(skipped ? `${name} (skipped: ${missing})` : name, tests);
}

/** A node of a test's own: a child process with a small heap on free ports of the loopback. */
export class ElasticsearchServer {
  readonly port: number;
  readonly #transportPort: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'clickproof-elasticsearch-'));
  #process: ChildProcess | undefined;

  private constructor(port: number, transportPort: number) {
    this.port = port;
    this.#transportPort = transportPort;
  }

  static async start(): Promise<ElasticsearchServer> {
    if (missing) throw new Error(missing);
    const server = new ElasticsearchServer(await freePort(), await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again, on the same ports and data. */
  async start(): Promise<void> {
    const settings = {
      'path.data': join(this.#directory, 'data'),
      'path.logs': join(this.#directory, 'logs'),
      'http.port': this.port,
      'transport.port': this.#transportPort,
      // Less than the 100 MB of a server left as it is, so that tests can exceed it.
      'http.max_content_length': '10mb',
      'cluster.routing.allocation.disk.threshold_enabled': false,
    };
    const args = Object.entries(settings).map(([name, value]) => `-E${name}=${value}`);
    // The shell ends the node when its standard input does, and so with the test's process, however that ends.
    const child = spawn(
      'sh',
      ['-c', '"$@" </dev/null & read _; kill -KILL $!; wait', 'sh', 'bash', SCRIPT, ...args],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, ESX_JDK: jdk, ES_HEAP: '512m', ES_JAVA_OPTS: '-XX:TieredStopAtLevel=1' },
      },
    );
    let output = '';
    child.stdout!.on('data', (text) => {
      output = (output + text).slice(-3_000);
    });
    child.stdin!.on('error', () => {});
    this.#process = child;
    for (const deadline = Date.now() + STARTING_MS; !(await this.#answers()); await sleep(50)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no Elasticsearch:\n${output}`);
    }
  }

  /** Ends it as SIGKILL does, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin!.end('\n');
    await exited;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      const { ok } = await fetch(`${this.url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
      return ok;
    } catch {
      return false;
    }
  }
}

function findJdk(): string | undefined {
  const roots = '/usr/lib/jvm';
  const installed = existsSync(roots) ? readdirSync(roots).map((name) => join(roots, name)) : [];
  return [process.env.JAVA_HOME, ...installed].find((home) => home && versionOf(home) >= OLDEST_JAVA);
}

function versionOf(home: string): number {
  try {
    const [, version] = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8')) ?? [];
    return Number(version);
  } catch {
    return 0;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
