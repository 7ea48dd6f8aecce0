/**
 * Gives what `source` gives, and has it make the next while its user works on the one before: whoever reads a server page by page
 * would wait for it otherwise, and the server for him. One is held besides the one in hand.
 */
export async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = ask(source);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = ask(source);
      yield value;
    }
  } finally {
    // Where its user has enough, what was asked for in advance is of no use, nor is why it failed.
    await next.catch(() => {});
    await source.return(undefined);
  }
}

function ask<T>(source: AsyncGenerator<T>): Promise<IteratorResult<T>> {
  const asked = source.next();
  // It is awaited later; until then its failure is nobody's.
  asked.catch(() => {});
  return asked;
}
