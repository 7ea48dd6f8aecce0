/** What a request is for, by method and path. */
export type Route =
  /** A tracker's GET: answered by the pixel. */
  | 'pixel'
  /** A tracker's POST. */
  | 'post'
  | 'redirect'
  | 'preflight'
  | 'health'
  | 'robots'
  | 'unknown';

/** Two segments, both with something in them: `/com.acme/v1`. */
const VENDOR_VERSION = /^\/[^/]+\/[^/]+$/;

/** @param uri the path in normal form */
export function routeOf(method: string, uri: string): Route {
  if (method === 'OPTIONS') return 'preflight';
  if (method === 'POST') return VENDOR_VERSION.test(uri) && !uri.startsWith('/r/') ? 'post' : 'unknown';
  if (method !== 'GET' && method !== 'HEAD') return 'unknown';
  switch (uri) {
    case '/i':
    case '/ice.png':
      return 'pixel';
    case '/health':
    case '/sink-health':
      return 'health';
    case '/robots.txt':
      return 'robots';
  }
  if (!VENDOR_VERSION.test(uri)) return 'unknown';
  return uri.startsWith('/r/') ? 'redirect' : 'pixel';
}
