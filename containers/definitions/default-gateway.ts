import type { Service } from './service.ts';

/**
 * Where requests from this machine seem to come from, seen from inside a container: its default gateway. A container is in the engine's default
 * network beside the run's own, so its routes tell which of the two it is. Null where they do not.
 */
export async function defaultGateway(service: Pick<Service, 'exec'>): Promise<string | null> {
  const { output, exitCode } = await service.exec(['cat', '/proc/net/route']);
  return exitCode === 0 ? gatewayIn(output) : null;
}

/** Linux's table: interface, destination, gateway…, addresses as hexadecimal numbers with the last byte first. */
function gatewayIn(routes: string): string | null {
  for (const line of routes.split('\n')) {
    const [, destination, gateway] = line.trim().split(/\s+/);
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway ?? '')) continue;
    return Buffer.from(gateway!, 'hex').reverse().join('.');
  }
  return null;
}
