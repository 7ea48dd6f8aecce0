/** Removes at once what this process has started in containers and would leave running: what is left to do before it is ended. */
export async function removeStarted(): Promise<void> {
  const engine = await import('../../containers/engine/index.ts');
  const connected = await engine.connectEngine();
  // What was being created meanwhile, too.
  while ((await engine.removeStarted(connected)).length > 0);
}
