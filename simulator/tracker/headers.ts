import type { Header } from '../plan/request.ts';

/** What a browser's requests say about it, whatever they ask for. */
export interface BrowserHeaders {
  readonly engine: 'chromium' | 'gecko' | 'webkit';
  readonly userAgent: string;
  readonly acceptLanguage: string;
  /** Chromium alone sends client hints. */
  readonly hints?:
    | { readonly brands: string; readonly mobile: boolean; readonly platform: string }
    | undefined;
  /** Documentation addresses only; as a proxy in front of the collector passes it on. */
  readonly forwardedFor?: string | undefined;
}

/** A request of the tracker on a page of the collector's own origin. */
export interface TrackerRequestHeaders {
  readonly method: 'GET' | 'POST';
  /** The page's whole address, as its own origin gets it. */
  readonly page: string;
  readonly origin: string;
  /** The page's own cookies. */
  readonly cookie: string | null;
  /** Ask the collector for no cookie and no address. */
  readonly anonymous: boolean;
}

/** Headers in the order in which the browser sends them; without those that depend on the connection. */
export function trackerHeaders(browser: BrowserHeaders, request: TrackerRequestHeaders): Header[] {
  const headers: Header[] =
    browser.engine === 'chromium'
      ? chromium(browser, request)
      : browser.engine === 'gecko'
        ? gecko(browser, request)
        : webkit(browser, request);
  if (browser.forwardedFor !== undefined) headers.push(['X-Forwarded-For', browser.forwardedFor]);
  return headers;
}

const CONTENT_TYPE: Header = ['Content-Type', 'application/json; charset=UTF-8'];
const SP_ANONYMOUS: Header = ['SP-Anonymous', '*'];

/** Order as recorded from Chromium 156. */
function chromium(browser: BrowserHeaders, request: TrackerRequestHeaders): Header[] {
  const post = request.method === 'POST';
  const headers: Header[] = [];
  const { hints } = browser;
  if (hints) headers.push(['sec-ch-ua-platform', `"${hints.platform}"`]);
  headers.push(['User-Agent', browser.userAgent]);
  if (hints) headers.push(['sec-ch-ua', hints.brands]);
  headers.push(post ? CONTENT_TYPE : ['Accept-Language', browser.acceptLanguage]);
  if (hints) headers.push(['sec-ch-ua-mobile', hints.mobile ? '?1' : '?0']);
  if (post) headers.push(['Accept-Language', browser.acceptLanguage]);
  if (request.anonymous) headers.push(SP_ANONYMOUS);
  headers.push(['Accept', '*/*']);
  if (post) headers.push(['Origin', request.origin]);
  headers.push(
    ['Sec-Fetch-Site', 'same-origin'],
    ['Sec-Fetch-Mode', 'cors'],
    ['Sec-Fetch-Dest', 'empty'],
    ['Referer', request.page],
    ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  );
  if (request.cookie !== null) headers.push(['Cookie', request.cookie]);
  return headers;
}

function gecko(browser: BrowserHeaders, request: TrackerRequestHeaders): Header[] {
  const post = request.method === 'POST';
  const headers: Header[] = [
    ['User-Agent', browser.userAgent],
    ['Accept', '*/*'],
    ['Accept-Language', browser.acceptLanguage],
    ['Accept-Encoding', 'gzip, deflate, br, zstd'],
    ['Referer', request.page],
  ];
  if (post) headers.push(CONTENT_TYPE);
  if (request.anonymous) headers.push(SP_ANONYMOUS);
  if (post) headers.push(['Origin', request.origin]);
  if (request.cookie !== null) headers.push(['Cookie', request.cookie]);
  headers.push(['Sec-Fetch-Dest', 'empty'], ['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Site', 'same-origin']);
  return headers;
}

function webkit(browser: BrowserHeaders, request: TrackerRequestHeaders): Header[] {
  const headers: Header[] = [
    ['Accept', '*/*'],
    ['Sec-Fetch-Site', 'same-origin'],
  ];
  if (request.cookie !== null) headers.push(['Cookie', request.cookie]);
  if (request.anonymous) headers.push(SP_ANONYMOUS);
  if (request.method === 'POST') headers.push(CONTENT_TYPE, ['Origin', request.origin]);
  headers.push(
    ['Sec-Fetch-Dest', 'empty'],
    ['Accept-Language', browser.acceptLanguage],
    ['Sec-Fetch-Mode', 'cors'],
    ['User-Agent', browser.userAgent],
    ['Referer', request.page],
    ['Accept-Encoding', 'gzip, deflate, br'],
  );
  return headers;
}
