/**
 * Whether this process's command has begun its work: a request was sent, a role is ready, input was read. What fails before is
 * mended by whoever called it and says nothing of any event, so its exit code is another one.
 */
let begun = false;

export function workBegins(): void {
  begun = true;
}

export function workHasBegun(): boolean {
  return begun;
}
