import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { type RecordedRequest, readRecordedRequests } from '../../simulator/replay/index.ts';

const RECORDING = fileURLToPath(
  new URL('../../simulator/replay/fixtures/tracker-requests.ndjson', import.meta.url),
);

/** GET requests as the real tracker sent them from a real browser. */
export async function recordedGets(): Promise<RecordedRequest[]> {
  if (!existsSync(RECORDING)) {
    throw new ClickproofError('RECORDING_UNREADABLE', 'the recorded requests are not part of the package', {
      remedy: 'run the benchmark from a clone of the repository',
    });
  }
  const gets: RecordedRequest[] = [];
  for await (const request of readRecordedRequests(RECORDING)) {
    if (request.method === 'GET') gets.push(request);
  }
  return gets;
}
