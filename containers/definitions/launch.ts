import { type StartedTestContainer, Wait, type WaitStrategy } from 'testcontainers';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type Engine, engineSecurity, runLabels } from '../engine/index.ts';
import type { ImageId } from '../images/names.ts';
import { timedStart } from '../timed-start.ts';
import type { ContainerContext } from './context.ts';
import { ensureImage, type ImageInUse } from './ensure-image.ts';
import { hostPorts } from './host-ports.ts';
import { LastLines } from './last-lines.ts';
import { OwnContainer } from './own-container.ts';
import { Service } from './service.ts';

/** How a container is to run; the same for the official and the assembled image. */
export interface Definition {
  readonly image: ImageId;
  /** Its name on the network and in reports; the image's id unless given. */
  readonly name?: string;
  /** Ports that are reachable from this machine. */
  readonly ports: readonly number[];
  /** What its environment and command are, when the ports of this machine are known: by port of the container. */
  readonly environment?: (hostPort: (port: number) => number) => Record<string, string>;
  readonly command?: readonly string[];
  /** Directories of this machine in the container, read and written as the user who runs this. */
  readonly directories?: Readonly<Record<string, string>>;
  /** Files to be put into the container: content by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly user?: string;
  /** Ports of this machine, by port of the container, where they have been chosen before. */
  readonly hostPorts?: Readonly<Record<number, number>>;
  /** When it is ready. */
  readonly ready: WaitStrategy;
}

const START_TIMEOUT_MS = 240_000;
const SHOWN_LINES = 15;
/** Another program may take a port between its choice and the start. */
const MOST_TRIES = 3;
const PORT_TAKEN = /port is already allocated|address already in use|ports are not available/i;

/**
 * Starts a container and waits until it is ready.
 *
 * @throws ClickproofError IMAGE_NOT_AVAILABLE; CONTAINER_NOT_READY with the end of its log; PORT_IN_USE; the signal's reason while it pulls
 */
export async function launch(context: ContainerContext, definition: Definition): Promise<Service> {
  return timedStart(nameOf(definition), () => tryPorts(context, definition));
}

async function tryPorts(context: ContainerContext, definition: Definition): Promise<Service> {
  const { engine, signal } = context;
  const image = await ensureImage(engine, definition.image, signal);
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt(context, definition, image);
    } catch (error) {
      const chosen = definition.hostPorts !== undefined;
      if (chosen || tries === MOST_TRIES || !PORT_TAKEN.test((error as Error).message)) throw error;
      await removeContainer(engine, containerName(context, definition));
    }
  }
}

/** One that was made but could not be started keeps its name. */
async function removeContainer({ docker }: Engine, name: string): Promise<void> {
  try {
    await docker.getContainer(name).remove({ force: true, v: true });
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
  }
}

function nameOf({ name, image }: Definition): string {
  return name ?? image;
}

function containerName({ run }: ContainerContext, definition: Definition): string {
  return `clickproof-${run}-${nameOf(definition)}`;
}

async function attempt(
  context: ContainerContext,
  definition: Definition,
  image: ImageInUse,
): Promise<Service> {
  const name = nameOf(definition);
  const free = definition.hostPorts ? [] : await hostPorts(definition.ports.length);
  const ports = new Map(
    definition.ports.map((port, i) => [port, definition.hostPorts?.[port] ?? free[i]!] as const),
  );
  const log = new LastLines();
  const container = new OwnContainer(image.name)
    .withName(containerName(context, definition))
    .withLabels(runLabels(context.run, context.kept))
    // Removed by us, by label: the image of Testcontainers' own cleaner may be out of reach.
    .withAutoCleanup(false)
    .withNetworkMode(context.network)
    .withNetworkAliases(name)
    .withExposedPorts(...[...ports].map(([port, host]) => ({ container: port, host })))
    .withWaitStrategy(definition.ready)
    .withStartupTimeout(START_TIMEOUT_MS)
    .withLogConsumer(log.follow);
  if (definition.environment) container.withEnvironment(definition.environment((port) => ports.get(port)!));
  if (definition.command) container.withCommand([...definition.command]);
  if (definition.user) container.withUser(definition.user);
  if (definition.directories) {
    const mode = (await engineSecurity(context.engine)).selinux ? 'z' : 'rw';
    const mounts = Object.entries(definition.directories);
    container.withBindMounts(mounts.map(([target, source]) => ({ source, target, mode })));
  }
  if (definition.files) {
    const files = Object.entries(definition.files);
    container.withCopyContentToContainer(
      files.map(([target, content]) => ({ target, content, mode: 0o644 })),
    );
  }
  let started: StartedTestContainer;
  try {
    started = await container.start();
  } catch (cause) {
    throw explain(name, image.name, cause as Error, log);
  } finally {
    log.close();
  }
  return new Service({ name, image, container: started, engine: context.engine, ports });
}

function explain(name: string, image: string, cause: Error, log: LastLines): ClickproofError {
  const lines = log.last(SHOWN_LINES);
  const said = lines.length === 0 ? '' : `; the end of its log:\n  | ${lines.join('\n  | ')}`;
  if (PORT_TAKEN.test(cause.message)) {
    return new ClickproofError('PORT_IN_USE', `${name} (${image}) did not get its port: ${cause.message}`, {
      remedy: 'start again, or stop what listens there',
      cause,
    });
  }
  return new ClickproofError(
    'CONTAINER_NOT_READY',
    `${name} (${image}) did not get ready: ${cause.message}${said}`,
    { remedy: 'the log says why; too little memory or disk are the usual reasons', cause },
  );
}

/** Ready when it has said so in its log. */
export function saysInLog(message: RegExp): WaitStrategy {
  return Wait.forLogMessage(message);
}
