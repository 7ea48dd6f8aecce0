import { connect } from 'node:net';
import { FAREWELLS, QUESTIONS } from './questions.ts';

const ANSWER_WITHIN_MS = 8_000;

/** What came of a question that was asked through a proxy. */
export interface Said {
  readonly answered: boolean;
  readonly ms: number;
  readonly how: string;
}

/** A change that Toxiproxy makes to what passes through. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'slow_close' | 'timeout' | 'reset_peer';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** One of Toxiproxy's proxies: the way from a role to a server. */
export class WayProxy {
  readonly name: string;
  readonly #api: string;
  readonly #address: string;
  readonly #toxics: string[] = [];

  /** @param address its own end, `host:port` */
  constructor(apiUrl: string, name: string, address: string) {
    this.name = name;
    this.#api = `${apiUrl}/proxies/${name}`;
    this.#address = address;
  }

  get server(): string {
    return this.name.slice(this.name.lastIndexOf('-') + 1);
  }

  get ends(): readonly [role: string, server: string] {
    return [this.name.slice(0, -this.server.length - 1), this.server];
  }

  /** Refuses connections, those that are open too, or takes them again. */
  async enable(enabled: boolean): Promise<void> {
    await this.#post('', { enabled });
  }

  async add(toxic: Toxic): Promise<void> {
    const { name } = (await this.#post('/toxics', toxic)) as { name: string };
    this.#toxics.push(name);
  }

  /** Lets everything through again as it comes. */
  async restore(): Promise<void> {
    for (const name of this.#toxics.splice(0)) {
      const answer = await fetch(`${this.#api}/toxics/${name}`, { method: 'DELETE' });
      if (!answer.ok) throw new Error(`Toxiproxy: ${await answer.text()}`);
    }
    await this.enable(true);
  }

  /** Asks the server something through the proxy, on a connection of its own. */
  ask({ withinMs = ANSWER_WITHIN_MS, bytes = 1 } = {}): Promise<Said> {
    const began = performance.now();
    const { promise, resolve } = Promise.withResolvers<Said>();
    const [host, port] = this.#address.split(':') as [string, string];
    const socket = connect({ host, port: Number(port) }, () => socket.write(QUESTIONS[this.server]!(bytes)));
    const end = (answered: boolean, how: string) => {
      const ms = Math.round(performance.now() - began);
      clearTimeout(timer);
      socket.destroy();
      resolve({ answered, ms, how: `${how} after ${ms} ms` });
    };
    const timer = setTimeout(() => end(false, 'no answer'), withinMs);
    socket.on('data', () => end(true, 'an answer'));
    socket.on('error', (error) => end(false, error.message));
    socket.on('end', () => end(false, 'the end of the connection'));
    return promise;
  }

  /** How long it takes to hear of the end of a connection, which the server ends at once, ms; undefined: not in time. */
  heardOfEnd(withinMs = ANSWER_WITHIN_MS): Promise<number | undefined> {
    const began = performance.now();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const [host, port] = this.#address.split(':') as [string, string];
    const socket = connect({ host, port: Number(port) }, () => socket.write(FAREWELLS[this.server]!));
    const end = (ms: number | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ms);
    };
    const timer = setTimeout(() => end(undefined), withinMs);
    socket.on('data', () => {});
    socket.on('error', () => end(performance.now() - began));
    socket.on('end', () => end(performance.now() - began));
    return promise;
  }

  async #post(path: string, body: object): Promise<unknown> {
    const answer = await fetch(`${this.#api}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`Toxiproxy: ${await answer.text()}`);
    return answer.json();
  }
}
