import { expect, test } from 'vitest';
import { demoPage } from './demo-page.ts';
import { servePages } from './page-server.ts';

test('serves the pages, the real tracker, and nothing else', async () => {
  const pages = await servePages({ namespace: 'mark', appId: 'demo', collector: 'http://127.0.0.1:9' });
  try {
    const get = async (path: string) => {
      const answer = await fetch(pages.origin + path);
      return { status: answer.status, text: await answer.text() };
    };
    const page = await get('/?method=get');
    expect(page.text).toContain('"method":"get"');
    expect(page.text).toContain('href="/tee?method=get"');
    expect((await get('/tee')).text).toContain('"method":"post"');
    expect((await get('/tracker.js')).text).toContain('Browser tracker for Snowplow');
    expect((await get('/link-clicks.js')).text).toContain('Link Click tracking for Snowplow');
    for (const path of ['/other', '/../package.json', '/constructor'])
      expect((await get(path)).status).toBe(404);
  } finally {
    await pages.close();
  }
});

test('no setting ends the script it stands in', () => {
  const page = demoPage('/', {
    namespace: '</script><script>alert(1)</script>',
    appId: 'demo',
    collector: 'http://127.0.0.1:9',
    method: 'get',
  });
  expect(page).not.toContain('alert(1)</script>');
  expect(page.match(/<\/script>/g)).toHaveLength(3);
});
