import { UsageError } from '../usage-error.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/** @throws UsageError for a host that is not this machine and was not declared one's own */
export function requireOwned(host: string, owned: boolean): void {
  if (owned || LOOPBACK.test(host)) return;
  throw new UsageError(
    `${host} is not this machine`,
    'only send load to what is yours; if it is, say so with --i-own-this-target',
  );
}
