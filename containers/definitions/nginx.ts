import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { answersHttp } from './answers-http.ts';
import type { ContainerContext } from './context.ts';
import { definitionFile, ownUser } from './files.ts';
import { launch } from './launch.ts';
import { seenAddress } from './seen-address.ts';
import type { Service } from './service.ts';

const PORT = 8080;

export interface NginxService {
  readonly service: Service;
  readonly url: string;
  /** The live access log on this machine. */
  readonly accessLog: string;
  /** What it takes for the address of clients on this machine; null where that cannot be told. */
  readonly clientAddress: string | null;
  /** Renames the access log and has Nginx write to a new one. */
  rotate(to: string): Promise<void>;
}

/**
 * Nginx in the collector's place.
 *
 * @param logDirectory where `tracking.log` is written, on this machine; must exist
 */
export async function startNginx(context: ContainerContext, logDirectory: string): Promise<NginxService> {
  const accessLog = join(logDirectory, 'tracking.log');
  const { uid, gid } = await ownUser(context.engine);
  const service = await launch(context, {
    image: 'nginx',
    ports: [PORT],
    user: `${uid}:${gid}`,
    directories: { '/var/log/clickproof': logDirectory },
    files: {
      '/etc/nginx/nginx.conf': await definitionFile('nginx.conf'),
      '/etc/nginx/pixel.gif': await definitionFile('pixel.gif'),
    },
    ready: answersHttp('/health', PORT),
  });
  return {
    service,
    url: `http://${service.address(PORT)}`,
    accessLog,
    clientAddress: await seenAddress(accessLog),
    async rotate(to) {
      await rename(accessLog, to);
      await service.signal('SIGUSR1');
    },
  };
}
