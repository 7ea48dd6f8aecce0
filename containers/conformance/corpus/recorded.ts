import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../images/files.ts';
import { type RequestCorpus, request } from '../request.ts';

/** What the tracker sent in a browser. */
export function recordedRequests(): RequestCorpus {
  const path = join(projectRoot(), 'simulator', 'replay', 'fixtures', 'tracker-requests.ndjson');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return Object.fromEntries(
    lines.map((line, i) => {
      const { method, url, headers, body } = JSON.parse(line) as {
        method: string;
        url: string;
        headers: Record<string, string>;
        body?: string;
      };
      const sent = Object.entries(headers)
        .filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name))
        .map(([name, value]) => `${name}: ${value}`);
      const content = method === 'POST' ? { body: Buffer.from(body ?? '', 'utf8') } : {};
      return [`recorded ${i + 1}: ${method}`, request(method, url, { headers: sent, ...content })];
    }),
  );
}
