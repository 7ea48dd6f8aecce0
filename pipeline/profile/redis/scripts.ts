import { createHash } from 'node:crypto';
import type { RedisClient } from './connection.ts';

type Argument = string | number | Buffer;

/** A script of Redis: run by its hash, sent in full when the server does not know it. */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(source: string) {
    this.#source = source;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  async run(
    client: RedisClient,
    keys: readonly Argument[],
    args: readonly Argument[] = [],
  ): Promise<unknown> {
    try {
      return await client.callBuffer('evalsha', this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.callBuffer('eval', this.#source, keys.length, ...keys, ...args);
    }
  }
}

/** Length of a generation, bytes. */
export const GENERATION_BYTES = 8;

/** KEYS: mark, window. Returns mark, description, progress, format and the window's elements. */
export const CLAIM = new Script(`
local state = redis.call('HMGET', KEYS[1], 'mark', 'description', 'progress', 'format')
if not state[1] then return false end
return {state[1], state[2], state[3], state[4], redis.call('LRANGE', KEYS[2], 0, -1)}
`);

/** KEYS: mark, visitors. ARGV: the mark expected, empty for none. Returns the generation and the values; nil when the mark is another. */
export const READ = new Script(`
local state = redis.call('HMGET', KEYS[1], 'mark', 'generation')
if (state[1] or '') ~= ARGV[1] then return false end
if not state[1] then return {''} end
local found = {state[2]}
for from = 2, #KEYS, 1000 do
  local values = redis.call('MGET', unpack(KEYS, from, math.min(from + 999, #KEYS)))
  for i = 1, #values do found[#found + 1] = values[i] end
end
return found
`);

/**
 * KEYS: mark, window, visitors. ARGV: from, to, description, progress, format, generation for a first change, dropBefore,
 * TTL of values in ms (0: none), whether there is a segment (0 or 1), the segment, values.
 *
 * Redis does not undo a script that fails half way. So whatever can fail comes first: a key of a wrong type shows in the reads, and
 * missing memory, a failed disk or missing replicas in the first write; those that follow it are not refused.
 */
export const APPLY = new Script(`
local from, to, description, progress, format, generation = unpack(ARGV, 1, 6)
local state = redis.call('HMGET', KEYS[1], 'mark', 'description', 'generation')
local mark = state[1] or ''
if state[2] and state[2] ~= description then return 'refused' end
if mark == to then return 'already' end
if mark ~= from then return 'refused' end
redis.call('LLEN', KEYS[2])

generation = state[3] or generation
redis.call('HSET', KEYS[1], 'mark', to, 'description', description, 'progress', progress,
  'generation', generation, 'format', format)
if mark == '' then redis.call('DEL', KEYS[2]) end
local ttl = tonumber(ARGV[8])
for i = 3, #KEYS do
  if ttl > 0 then redis.call('SET', KEYS[i], generation .. ARGV[8 + i], 'PX', ttl)
  else redis.call('SET', KEYS[i], generation .. ARGV[8 + i]) end
end
if ARGV[9] == '1' then redis.call('RPUSH', KEYS[2], to .. ':' .. ARGV[10]) end
local drop = tonumber(ARGV[7])
while true do
  local oldest = redis.call('LINDEX', KEYS[2], 0)
  if not oldest or tonumber(string.match(oldest, '^%d+')) > drop then break end
  redis.call('LPOP', KEYS[2])
end
return 'applied'
`);

/** KEYS: mark, visitors. Deletes the values of other generations. */
export const SWEEP = new Script(`
local generation = redis.call('HGET', KEYS[1], 'generation')
for i = 2, #KEYS do
  if redis.call('GETRANGE', KEYS[i], 0, ${GENERATION_BYTES - 1}) ~= generation then redis.call('UNLINK', KEYS[i]) end
end
return 'swept'
`);
