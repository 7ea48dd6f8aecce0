/** Set where tests that need servers must run; `0` where they need not, though it is CI. */
export const REQUIRE_SERVERS = 'CLICKPROOF_REQUIRE_SERVERS';

/** Whether a test that needs a server fails where there is none, in place of being left out: in CI nobody reads what was skipped. */
export function serversRequired(environment: NodeJS.ProcessEnv = process.env): boolean {
  const said = environment[REQUIRE_SERVERS]?.trim();
  return said ? said !== '0' : environment.CI === 'true';
}
