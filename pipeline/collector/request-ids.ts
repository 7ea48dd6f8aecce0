import { randomFillSync } from 'node:crypto';

const POOL = Buffer.allocUnsafeSlow(16 * 512);
let next = POOL.length;

/** 32 random hex digits, as Nginx's `$request_id`; drawn in bulk, since the random source dislikes small orders. */
export function newRequestId(): string {
  if (next === POOL.length) {
    randomFillSync(POOL);
    next = 0;
  }
  next += 16;
  return POOL.toString('hex', next - 16, next);
}
