import { answersHttp } from './answers-http.ts';
import type { ContainerContext } from './context.ts';
import { launch } from './launch.ts';
import type { Service } from './service.ts';

const PORT = 9200;
export const ELASTICSEARCH_INTERNAL = `http://elasticsearch:${PORT}`;

export interface ElasticsearchService {
  readonly service: Service;
  readonly url: string;
}

/**
 * One node without security, with a small heap.
 *
 * @param settings more of the node's settings, by name
 */
export async function startElasticsearch(
  context: ContainerContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<ElasticsearchService> {
  const service = await launch(context, {
    image: 'elasticsearch',
    ports: [PORT],
    environment: () => ({
      'discovery.type': 'single-node',
      'xpack.security.enabled': 'false',
      // A disk that is nearly full is no reason to refuse a test's few documents.
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      ES_JAVA_OPTS: '-Xms512m -Xmx512m',
      ...settings,
    }),
    ready: answersHttp('/_cluster/health?wait_for_status=yellow&timeout=1s', PORT),
  });
  return { service, url: `http://${service.address(PORT)}` };
}
