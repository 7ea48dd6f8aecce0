import type { ContainerContext } from './context.ts';
import { launch, saysInLog } from './launch.ts';
import type { Service } from './service.ts';

const PORT = 6379;
export const REDIS_INTERNAL = `redis:${PORT}`;

export interface RedisService {
  readonly service: Service;
  readonly url: string;
}

/** A Redis that refuses writes rather than drop keys, and loses at most a second of them when it is killed. */
export async function startRedis(context: ContainerContext): Promise<RedisService> {
  const options = [
    ['--appendonly', 'yes'],
    ['--appendfsync', 'everysec'],
    ['--save', ''],
    ['--maxmemory-policy', 'noeviction'],
    ['--protected-mode', 'no'],
  ];
  const service = await launch(context, {
    image: 'redis',
    ports: [PORT],
    command: ['redis-server', ...options.flat()],
    ready: saysInLog(/Ready to accept connections/),
  });
  return { service, url: `redis://${service.address(PORT)}` };
}
