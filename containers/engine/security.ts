import type { Engine } from './connect.ts';

/** How an engine keeps containers from this machine's files. */
export interface EngineSecurity {
  /** It runs as a user: root in a container is that user, everybody else there is nobody whom this machine knows. */
  readonly rootless: boolean;
  /** A container may only touch files that are labelled for it. */
  readonly selinux: boolean;
}

export async function engineSecurity({ docker }: Pick<Engine, 'docker'>): Promise<EngineSecurity> {
  const { SecurityOptions } = (await docker.info()) as { SecurityOptions?: readonly string[] };
  const has = (name: string) =>
    (SecurityOptions ?? []).some((option) => option.split(',').includes(`name=${name}`));
  return { rootless: has('rootless'), selinux: has('selinux') };
}
