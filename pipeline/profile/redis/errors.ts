import { ClickproofError } from '../../contracts/errors.ts';

/** Answers of a server that is starting, failing over or moving slots. */
const NOT_READY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|UNBLOCKED|NOREPLICAS)\b/;

/** True when the same may succeed in a moment: no connection, no answer, a server that is not ready. */
export function isPassing(error: Error): boolean {
  if (error instanceof ClickproofError) return false;
  return !isReply(error) || NOT_READY.test(error.message);
}

/** An answer of the server, as opposed to what happened on the way. */
function isReply(error: Error): boolean {
  return error.name === 'ReplyError';
}

/** Errors of Redis that a user can mend, said so. All but the last pass by themselves once they are mended. */
export function explained(error: Error, redis: string): Error {
  const because = (code: string, message: string, remedy: string) =>
    new ClickproofError(code, message, { remedy, cause: error });
  const [kind] = error.message.split(' ', 1);
  switch (kind) {
    case 'OOM':
      return because(
        'REDIS_FULL',
        `Redis at ${redis} has no memory left for profiles`,
        'raise its maxmemory, or let profiles that nobody asks for leave it (--redis-value-ttl); the stage goes on by itself',
      );
    case 'MISCONF':
      return because(
        'REDIS_DISK',
        `Redis at ${redis} refuses writes because it cannot save them: ${error.message}`,
        'free some space on its disk, or mend what its log names; the stage goes on by itself',
      );
    case 'NOAUTH':
    case 'WRONGPASS':
    case 'NOPERM':
      return because(
        'REDIS_DENIED',
        `Redis at ${redis} denies access: ${error.message}`,
        'check user and password in --redis-url; the user needs EVAL, EVALSHA, SCAN and INFO and the keys {cp:*',
      );
    case 'WRONGTYPE':
      return because(
        'REDIS_FOREIGN',
        `a key of the profiles in Redis at ${redis} holds something else`,
        'use a database of its own for profiles (the number at the end of --redis-url)',
      );
    default:
      return error;
  }
}
