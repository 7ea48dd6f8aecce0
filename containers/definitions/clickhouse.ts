import { answersHttp } from './answers-http.ts';
import type { ContainerContext } from './context.ts';
import { launch } from './launch.ts';
import type { Service } from './service.ts';

const PORT = 8123;
const LOG_TO_CONSOLE =
  '<clickhouse><logger><level>information</level><console>1</console></logger></clickhouse>\n';

export interface ClickHouseService {
  readonly service: Service;
  readonly url: string;
}

/** ClickHouse by HTTP, the user `default` without a password. */
export async function startClickHouse(context: ContainerContext): Promise<ClickHouseService> {
  const service = await launch(context, {
    image: 'clickhouse',
    ports: [PORT],
    // Without it the official image lets the default user in from within the container only.
    environment: () => ({ CLICKHOUSE_SKIP_USER_SETUP: '1' }),
    // The official image logs to a file within it: of a start that fails nothing would be seen.
    files: { '/etc/clickhouse-server/config.d/clickproof-log.xml': LOG_TO_CONSOLE },
    ready: answersHttp('/ping', PORT),
  });
  return { service, url: `http://${service.address(PORT)}` };
}
