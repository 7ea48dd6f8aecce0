import { connect } from 'node:net';
import { type ServiceName, theirsOf } from '../../containers/external/services.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ExternalSuite } from '../../scenarios/suite/options.ts';
import { refuseUnknownEnvironment } from '../settings/environment.ts';
import { allSections } from '../settings/sections.ts';
import { UsageError } from '../usage-error.ts';
import { externalSetup } from './external-setup.ts';
import { quoted } from './places.ts';

export interface ExternalFlags {
  readonly config?: string;
  readonly iOwnThisTarget?: boolean;
}

/**
 * Somebody's own services, on which the suite's pipelines are to run.
 *
 * @throws UsageError
 */
export function externalSuite({ config, iOwnThisTarget = false }: ExternalFlags): ExternalSuite {
  refuseUnknownEnvironment(allSections());
  const { collector, services, configFile, environment } = externalSetup(config, iOwnThisTarget);
  if (collector !== undefined) {
    throw new UsageError(
      `${configFile} names a pipeline that is there already, and nothing may be made to fail there`,
      `what becomes of events in it: npm run simulate -- --stack external --config ${quoted(configFile)}; leave external.collector out to have this project's pipeline fail on your services`,
    );
  }
  const flags = ['--config', quoted(configFile), ...(iOwnThisTarget ? ['--i-own-this-target'] : [])];
  return { services, configFile, settings: environment, flags: flags.join(' ') };
}

/** Which services are somebody's own, to say what can run there; all, where no file says. @throws UsageError */
export function theirServices({ config }: ExternalFlags): ServiceName[] | undefined {
  return config === undefined ? undefined : theirsOf(externalSetup(config, true).services);
}

const PATIENCE_MS = 5_000;
const PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'redis:': 6379,
  'rediss:': 6379,
};

/**
 * Asks before anything is started, by a connection alone: each scenario would wait for as long as roles do.
 *
 * @throws ClickproofError SERVICE_UNREACHABLE
 */
export async function requireServices({ services }: ExternalSuite): Promise<void> {
  const { kafka, redis, clickhouse, elasticsearch } = services;
  const urls = { Redis: redis?.url, ClickHouse: clickhouse?.url, Elasticsearch: elasticsearch?.url };
  for (const [name, url] of Object.entries(urls)) {
    if (url === undefined) continue;
    const { hostname, port, protocol } = new URL(url);
    await requireOne(name, [{ host: hostname, port: Number(port) || PORTS[protocol]! }]);
  }
  if (kafka === undefined) return;
  const brokers = kafka.brokers.map((broker) => new URL(`tcp://${broker}`));
  await requireOne(
    'Kafka',
    brokers.map(({ hostname, port }) => ({ host: hostname, port: Number(port) })),
  );
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function requireOne(name: string, addresses: readonly Address[]): Promise<void> {
  const answers = await Promise.allSettled(addresses.map(reach));
  if (answers.some(({ status }) => status === 'fulfilled')) return;
  const shown = addresses.map(({ host, port }) => `${host}:${port}`).join(', ');
  throw new ClickproofError('SERVICE_UNREACHABLE', `there is no ${name} at ${shown}; nothing was started`, {
    remedy: 'start it, or give its right address in the file that --config names',
  });
}

async function reach({ host, port }: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port, timeout: PATIENCE_MS });
  socket.on('connect', resolve);
  socket.on('error', reject);
  socket.on('timeout', () => reject(new Error('no answer')));
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}
