/// <reference types="k6" />
import { SharedArray } from 'k6/data';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
import type { CorpusRequest, ResultLine } from '../corpus-request.ts';

// Run by k6 as it is. Sends each request of the corpus once, at a constant rate whatever the answers do (an open model), and says
// of each what came of it.

const corpus = new SharedArray<string>('corpus', () => open(__ENV.CORPUS!).trimEnd().split('\n'));
const users = Number(__ENV.VUS);

export const options: Options = {
  scenarios: {
    smoke: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE),
      timeUnit: __ENV.RATE_UNIT!,
      duration: __ENV.DURATION!,
      preAllocatedVUs: users,
      maxVUs: users,
      // Longer than a request may take: none is broken off, so all that were sent are told of.
      gracefulStop: '15s',
    },
  },
  // The corpus has its own; without one none is sent.
  userAgent: '',
  discardResponseBodies: true,
};

export default function (): void {
  const at = exec.scenario.iterationInTest;
  const text = corpus[at];
  if (text === undefined) return;
  const { method, target, headers, body, body64 } = JSON.parse(text) as CorpusRequest;
  const content = body64 === undefined ? (body ?? null) : encoding.b64decode(body64, 'std');
  const sent = Date.now();
  const answer = http.request(method, `${__ENV.TARGET}${target}`, content, {
    headers: { ...headers },
    jar: new http.CookieJar(),
    redirects: 0,
    timeout: '10s',
  });
  const { blocked, connecting, duration } = answer.timings;
  const cookie = answer.cookies.sp?.[0]?.value;
  const result: ResultLine = {
    at,
    began: exec.scenario.startTime,
    sent,
    took: answer.status === 0 ? Date.now() - sent : blocked + connecting + duration,
    status: answer.status,
    code: answer.error_code,
    ...(answer.error && { error: answer.error }),
    ...(cookie && { networkUserId: cookie }),
  };
  console.log(`clickproof-result ${JSON.stringify(result)}`);
}

/** Nothing: the report is ours. */
export function handleSummary(): Record<string, string> {
  return {};
}
