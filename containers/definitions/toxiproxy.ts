import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { answersHttp } from './answers-http.ts';
import type { ContainerContext } from './context.ts';
import { hostPorts } from './host-ports.ts';
import { launch } from './launch.ts';
import type { Service } from './service.ts';

const API_PORT = 8474;
const FIRST_PROXY_PORT = 21_000;

export interface ToxiproxyService {
  readonly service: Service;
  /** Its HTTP API, to add and remove toxics. */
  readonly apiUrl: string;
  /** `host:port` for clients on this machine, by the name of the proxy. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** Ports of this machine for proxies, to be known before anything is started. */
export async function proxyPorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports = await hostPorts(names.length);
  return Object.fromEntries(names.map((name, i) => [name, ports[i]!]));
}

/**
 * Toxiproxy between clients on this machine and servers on the containers' network.
 *
 * @param targets what each proxy leads to, `name:port` on the network
 * @param ports the port of this machine of each, from `proxyPorts`
 */
export async function startToxiproxy(
  context: ContainerContext,
  targets: Readonly<Record<string, string>>,
  ports: Readonly<Record<string, number>>,
): Promise<ToxiproxyService> {
  const names = Object.keys(targets);
  const inside = (name: string) => FIRST_PROXY_PORT + names.indexOf(name);
  const [api] = await hostPorts(1);
  const service = await launch(context, {
    image: 'toxiproxy',
    ports: [API_PORT, ...names.map(inside)],
    hostPorts: { [API_PORT]: api!, ...Object.fromEntries(names.map((name) => [inside(name), ports[name]!])) },
    ready: answersHttp('/version', API_PORT),
  });
  const apiUrl = `http://${service.address(API_PORT)}`;
  const wanted = names.map((name) => ({ name, listen: `0.0.0.0:${inside(name)}`, upstream: targets[name] }));
  const answer = await fetch(`${apiUrl}/populate`, { method: 'POST', body: JSON.stringify(wanted) });
  if (!answer.ok) {
    throw new ClickproofError('PROXY_REFUSED', `Toxiproxy refused its proxies: ${await answer.text()}`);
  }
  const proxies = Object.fromEntries(names.map((name) => [name, service.address(inside(name))]));
  return { service, apiUrl, proxies };
}
