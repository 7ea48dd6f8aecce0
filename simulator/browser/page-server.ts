import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DEMO_PAGES, demoPage, type TrackerSettings } from './demo-page.ts';
import { type Listening, listen } from './listen.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  '/tracker.js': '@snowplow/browser-tracker',
  '/link-clicks.js': '@snowplow/browser-plugin-link-click-tracking',
};

/** Serves the demo pages and the real tracker, as it is published, on the loopback interface. `?method=` is how the page sends. */
export async function servePages(tracker: Omit<TrackerSettings, 'method'>): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', response, tracker);
  });
  return listen(server);
}

async function answer(
  target: string,
  response: ServerResponse,
  tracker: Omit<TrackerSettings, 'method'>,
): Promise<void> {
  const { pathname, searchParams } = new URL(target, 'http://localhost');
  const name = SCRIPTS[pathname];
  try {
    if (name !== undefined) {
      reply(response, 200, 'text/javascript; charset=utf-8', await bundle(name));
    } else if (Object.hasOwn(DEMO_PAGES, pathname)) {
      const method = searchParams.get('method') === 'get' ? 'get' : 'post';
      reply(response, 200, 'text/html; charset=utf-8', demoPage(pathname, { ...tracker, method }));
    } else reply(response, 404, 'text/plain', 'not found');
  } catch (error) {
    reply(response, 500, 'text/plain', String(error));
  }
}

function reply(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
}

/** The package's build for script tags. */
function bundle(name: string): Promise<Buffer> {
  const main = createRequire(import.meta.url).resolve(name);
  return readFile(join(dirname(main), 'index.umd.min.js'));
}
