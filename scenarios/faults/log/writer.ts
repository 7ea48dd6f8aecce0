import type { ControlledStack } from '../../../containers/controlled-stack.ts';

/** Who writes the access log: the collector, or Nginx in its place. */
export function writerOf({ servers }: ControlledStack): string {
  return servers.includes('nginx') ? 'nginx' : 'collector';
}
