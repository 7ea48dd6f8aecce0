/**
 * Milliseconds of CLOCK_MONOTONIC: the same for all processes of one boot, unmoved when somebody sets the clock. After a reboot
 * it begins again, so that a time in the future is one of another boot.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
