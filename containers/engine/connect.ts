import { homedir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { isOwnDaemon } from './daemon-state.ts';

/** A container engine that answers: Docker, Podman or another with Docker's API. */
export interface Engine {
  readonly docker: Docker;
  /** As in DOCKER_HOST. */
  readonly endpoint: string;
  /** `Docker 28.2.2` */
  readonly description: string;
}

const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Finds the container engine: where DOCKER_HOST says, else at the usual sockets of Docker and Podman. What is found is written to
 * DOCKER_HOST, so that Testcontainers, which looks in fewer places, uses the same one.
 *
 * @throws ClickproofError ENGINE_NOT_FOUND, ENGINE_NOT_PERMITTED, ENGINE_NOT_ANSWERING
 */
export async function connectEngine(environment: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const failures: { endpoint: string; error: NodeJS.ErrnoException }[] = [];
  for (const endpoint of endpoints(environment)) {
    try {
      const engine = await connect(endpoint, environment);
      environment.DOCKER_HOST = endpoint;
      // In a container Testcontainers takes the engine for the one that runs it, and looks for ports at the gateway.
      if (await isOwnDaemon(endpoint)) environment.TESTCONTAINERS_HOST_OVERRIDE ??= '127.0.0.1';
      return engine;
    } catch (error) {
      failures.push({ endpoint, error: error as NodeJS.ErrnoException });
    }
  }
  // The most telling failure: a socket that is there.
  const { endpoint, error } = failures.find((failure) => failure.error.code !== 'ENOENT') ?? failures[0]!;
  throw explain(endpoint, error, environment.DOCKER_HOST !== undefined);
}

function endpoints(environment: NodeJS.ProcessEnv): string[] {
  if (environment.DOCKER_HOST) return [environment.DOCKER_HOST];
  const runtime = environment.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(runtime, 'podman', 'podman.sock'),
    '/run/podman/podman.sock',
  ].map((path) => `unix://${path}`);
}

async function connect(endpoint: string, environment: NodeJS.ProcessEnv): Promise<Engine> {
  const docker = client(endpoint, environment);
  const version = await withTimeout(docker.version());
  const kind = version.Components?.[0]?.Name.includes('Podman') ? 'Podman' : 'Docker';
  return { docker, endpoint, description: `${kind} ${version.Version}` };
}

function client(endpoint: string, environment: NodeJS.ProcessEnv): Docker {
  const { protocol, pathname, hostname, port } = new URL(endpoint);
  if (protocol === 'unix:') return new Docker({ socketPath: decodeURIComponent(pathname) });
  const plain = (protocol === 'tcp:' || protocol === 'http:') && !environment.DOCKER_TLS_VERIFY;
  // With TLS or by SSH it reads DOCKER_HOST and what belongs to it from the environment itself.
  return plain ? new Docker({ protocol: 'http', host: hostname, port: Number(port || 2375) }) : new Docker();
}

async function withTimeout<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    ANSWER_TIMEOUT_MS,
  );
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function explain(endpoint: string, cause: NodeJS.ErrnoException, configured: boolean): ClickproofError {
  switch (cause.code) {
    case 'EACCES':
    case 'EPERM':
      return new ClickproofError(
        'ENGINE_NOT_PERMITTED',
        `you may not use the container engine at ${endpoint}`,
        {
          remedy: 'sudo usermod -aG docker "$USER", then log in again; or use a rootless engine',
          cause,
        },
      );
    case 'ENOENT':
      return new ClickproofError(
        'ENGINE_NOT_FOUND',
        configured
          ? `there is no container engine at ${endpoint} (DOCKER_HOST)`
          : 'there is no container engine',
        {
          remedy:
            'install and start Docker or Podman, or set DOCKER_HOST; as root on Debian or Ubuntu: npm run engine -- start --install; ' +
            'without any: --stack embedded',
          cause,
        },
      );
    default:
      return new ClickproofError(
        'ENGINE_NOT_ANSWERING',
        `the container engine at ${endpoint} does not answer: ${cause.message}`,
        {
          remedy: 'start it (systemctl start docker, or npm run engine -- start as root), or set DOCKER_HOST',
          cause,
        },
      );
  }
}
