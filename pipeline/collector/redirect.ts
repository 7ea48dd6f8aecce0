import { queryArgument } from './target.ts';

/** Decides where `/r/tp2?u=…` may lead: web addresses on listed hosts, nothing else. */
export class Redirects {
  private readonly hosts = new Set<string>();
  private readonly parents: string[] = [];

  /** @param domains `example.com` for that host, `*.example.com` for all below it */
  constructor(domains: readonly string[]) {
    for (const domain of domains) {
      const name = domain.toLowerCase();
      if (name.startsWith('*.')) this.parents.push(name.slice(1));
      else this.hosts.add(name);
    }
  }

  get enabled(): boolean {
    return this.hosts.size > 0 || this.parents.length > 0;
  }

  /** The address for the Location header; undefined where `u` is missing or leads elsewhere. */
  location(query: string): string | undefined {
    const url = parseUrl(queryArgument(query, 'u'));
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
    const host = url.hostname;
    const allowed = this.hosts.has(host) || this.parents.some((parent) => host.endsWith(parent));
    // Serialised anew, the address is plain ASCII without line breaks.
    return allowed && url.username === '' && url.password === '' ? url.href : undefined;
  }
}

function parseUrl(encoded: string): URL | undefined {
  try {
    return URL.parse(decodeURIComponent(encoded.replaceAll('+', ' '))) ?? undefined;
  } catch {
    return undefined;
  }
}
