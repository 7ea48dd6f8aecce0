/** Kinds of user agents in about the shares the web sees them, each in as many versions as are asked for. */
const KINDS: readonly ((n: number) => string)[] = [
  windows,
  windows,
  windows,
  android,
  android,
  android,
  (n) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS ${16 + (n % 3)}_${n % 8} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${16 + (n % 3)}.${n} Mobile/15E148 Safari/604.1`,
  (n) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.${n} Safari/605.1.15`,
  (n) => `Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:${n}.0) Gecko/20100101 Firefox/${n}.0`,
  (n) => `${windows(n)} Edg/12${n % 10}.0.${n}.51`,
  (n) =>
    `Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S9${n}B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36`,
  (n) => `Mozilla/5.0 (compatible; SomeBot/${n}.1; +https://bot.example/info)`,
];

function windows(n: number): string {
  return `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12${n % 10}.0.${n}.0 Safari/537.36`;
}

function android(n: number): string {
  return `Mozilla/5.0 (Linux; Android 1${n % 5}; SM-A${n}F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12${n % 10}.0.${n}.0 Mobile Safari/537.36`;
}

/** The n-th user agent; no two are alike. */
export function userAgent(n: number): string {
  return KINDS[n % KINDS.length]!(100 + Math.floor(n / KINDS.length));
}
