import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';

const LOOPBACK = '127.0.0.1';

/** A container whose ports are for this machine alone: its server asks nobody for a password. */
export class OwnContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    const { host, hostIps } = (await getContainerRuntimeClient()).info.containerRuntime;
    // An engine in whose container this runs is reached at its gateway.
    const here = (host === 'localhost' || host === LOOPBACK) && hostIps.some(({ family }) => family === 4);
    if (!here) return;
    const bindings = this.hostConfig.PortBindings as Record<string, { HostIp?: string; HostPort?: string }[]>;
    for (const binding of Object.values(bindings).flat()) binding.HostIp = LOOPBACK;
  }
}
