/** What the tracker on a page is told. */
export interface TrackerSettings {
  /** Tracker namespace. */
  readonly namespace: string;
  readonly appId: string;
  /** Origin of the collector. */
  readonly collector: string;
  readonly method: 'get' | 'post';
}

/** Pages of the demo shop; each links to the other. */
export const DEMO_PAGES: Readonly<Record<string, { readonly title: string; readonly next: string }>> = {
  '/': { title: 'Demo – Start', next: '/tee' },
  '/tee': { title: 'Demo – Tee & Töne', next: '/' },
};

/** One page with the real tracker, set up as its documentation has it. */
export function demoPage(path: string, tracker: TrackerSettings): string {
  const { title, next } = DEMO_PAGES[path] ?? DEMO_PAGES['/']!;
  // A tag in the settings must not end the script.
  const settings = JSON.stringify(tracker).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<title>${title.replace('&', '&amp;')}</title>
<link rel="icon" href="data:,">
<style>main { min-height: 300vh }</style>
<script src="/tracker.js"></script>
<script src="/link-clicks.js"></script>
</head>
<body>
<main>
<h1>${title.replace('&', '&amp;')}</h1>
<p><a id="next" class="nav" href="${next}?method=${tracker.method}">weiter</a></p>
<p><button id="cart" type="button">in den Warenkorb</button></p>
</main>
<script>
const settings = ${settings};
const tracking = snowplowBrowserTracking;
tracking.newTracker(settings.namespace, settings.collector, {
  appId: settings.appId,
  eventMethod: settings.method,
  contexts: { webPage: true, session: true, browser: true },
  plugins: [snowplowLinkClickTracking.LinkClickTrackingPlugin()],
});
tracking.enableActivityTracking({ minimumVisitLength: 1, heartbeatDelay: 1 });
snowplowLinkClickTracking.enableLinkClickTracking();
tracking.trackPageView();
document.getElementById('cart').addEventListener('click', () => {
  tracking.trackSelfDescribingEvent({
    event: { schema: 'iglu:com.acme/add_to_cart/jsonschema/1-0-0', data: { sku: 'tee-1', price: 4.2, quantity: 1 } },
  });
});
</script>
</body>
</html>
`;
}
