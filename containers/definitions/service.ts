import type { Container } from 'dockerode';
import type { StartedTestContainer } from 'testcontainers';
import type { ProcessState } from '../controlled-stack.ts';
import type { Engine } from '../engine/index.ts';
import type { ImageInUse } from './ensure-image.ts';

const STOP_TIMEOUT = 20_000;
/** 128 and the number of SIGKILL. */
const KILLED = 137;

interface ServiceParts {
  readonly name: string;
  readonly image: ImageInUse;
  readonly container: StartedTestContainer;
  readonly engine: Engine;
  readonly ports: ReadonlyMap<number, number>;
}

/** A container that runs, and what can be done to it. */
export class Service {
  readonly name: string;
  readonly image: ImageInUse;
  /** Where its ports are reached from this machine. */
  readonly host: string;
  private readonly container: StartedTestContainer;
  private readonly handle: Container;
  private readonly ports: ReadonlyMap<number, number>;

  constructor({ name, image, container, engine, ports }: ServiceParts) {
    this.name = name;
    this.image = image;
    this.container = container;
    const host = container.getHost();
    // The engine may listen on IPv4 alone, while this name is first looked up as IPv6.
    this.host = host === 'localhost' ? '127.0.0.1' : host;
    this.handle = engine.docker.getContainer(container.getId());
    this.ports = ports;
  }

  get id(): string {
    return this.handle.id;
  }

  /** The port of this machine that leads to a port of the container; it stays the same when the container is killed and started again. */
  port(containerPort: number): number {
    const port = this.ports.get(containerPort);
    if (port === undefined) throw new Error(`${this.name} has no port ${containerPort}`);
    return port;
  }

  /** `host:port` of this machine for a port of the container. */
  address(containerPort: number): string {
    return `${this.host}:${this.port(containerPort)}`;
  }

  /** Sends its main process a signal. SIGKILL leaves it down until `start`. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.handle.kill({ signal });
  }

  /** Starts it again after it was killed, with its data, and waits until it is ready. */
  async start(): Promise<void> {
    await this.container.restart({ timeout: 0 });
  }

  /** Lets it end by itself; it stays, down, with its data, until `start`. */
  async halt(): Promise<void> {
    await this.handle.stop({ t: STOP_TIMEOUT / 1000 });
  }

  /** As the engine sees it. */
  async state(): Promise<ProcessState> {
    const { State } = await this.handle.inspect();
    if (!State.Running) return { status: 'down', killed: State.ExitCode === KILLED };
    return {
      status: State.Paused ? 'stopped' : 'running',
      incarnation: `${State.Pid} since ${State.StartedAt}`,
    };
  }

  /** Stops all its processes where they are, as a machine that hangs. */
  async pause(): Promise<void> {
    await this.handle.pause();
  }

  async unpause(): Promise<void> {
    await this.handle.unpause();
  }

  /** Runs a command in it. */
  async exec(command: readonly string[]): Promise<{ output: string; exitCode: number }> {
    return this.container.exec([...command]);
  }

  /** The last lines of its log. */
  async logs(lines = 50): Promise<string> {
    const raw = await this.handle.logs({ stdout: true, stderr: true, tail: lines, follow: false });
    return withoutFrames(raw as unknown as Buffer);
  }

  /** Memory in use, bytes, without file caches that can be given back. */
  async memory(): Promise<number> {
    const stats = await this.handle.stats({ stream: false });
    const { usage = 0, stats: details } = stats.memory_stats;
    return usage - ((details as { inactive_file?: number } | undefined)?.inactive_file ?? 0);
  }

  /** Lets it end by itself, then removes it with its data. */
  async stop(): Promise<void> {
    await this.container.stop({ timeout: STOP_TIMEOUT, remove: true, removeVolumes: true });
  }
}

/** The engine puts eight bytes before each piece of a log: stream, three zeros, length. */
function withoutFrames(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString('utf8');
}
