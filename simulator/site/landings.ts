import { Choice } from '../random/choice.ts';
import type { Random } from '../random/random.ts';
import type { Site } from './graph.ts';
import type { Page, PageKind } from './pages.ts';

/** How somebody comes to the shop. Referrer, campaign parameters and landing page fit one another. */
export interface Landing {
  readonly page: Page;
  /** Campaign parameters to append to the page's address, without `?` or `&`; empty where there are none. */
  readonly parameters: string;
  readonly referrer: string;
}

interface Channel {
  readonly name: string;
  readonly weight: number;
  readonly landing: Exclude<PageKind, 'thanks'>;
  readonly referrers: readonly string[];
  /** Medium and campaigns; absent where nothing was paid for or tagged. */
  readonly campaign?: { readonly source: string; readonly medium: string; readonly names: readonly string[] };
  readonly clickId?: string;
}

const CHANNELS: readonly Channel[] = [
  { name: 'direct', weight: 20, landing: 'home', referrers: [''] },
  {
    name: 'bookmark',
    weight: 6,
    landing: 'product',
    referrers: [''],
  },
  {
    name: 'search',
    weight: 24,
    landing: 'product',
    referrers: [
      'https://www.google.com/',
      'https://www.google.de/',
      'https://duckduckgo.com/',
      'https://www.ecosia.org/',
    ],
  },
  { name: 'search', weight: 5, landing: 'category', referrers: ['https://www.bing.com/'] },
  {
    name: 'search with words',
    weight: 3,
    landing: 'post',
    referrers: [
      'https://yandex.com/search/?text=sch%C3%B6ne+k%C3%BCche',
      'https://search.yahoo.com/search?p=caf%C3%A9',
    ],
  },
  {
    name: 'search advertisement',
    weight: 12,
    landing: 'product',
    referrers: ['https://www.google.com/', 'https://www.google.de/'],
    campaign: { source: 'google', medium: 'cpc', names: ['marke', 'sommer-moebel', 'küche-günstig'] },
    clickId: 'gclid',
  },
  {
    name: 'search advertisement',
    weight: 3,
    landing: 'category',
    referrers: ['https://www.bing.com/'],
    campaign: { source: 'bing', medium: 'cpc', names: ['marke', 'sommer-moebel'] },
    clickId: 'msclkid',
  },
  {
    name: 'newsletter',
    weight: 9,
    landing: 'category',
    referrers: ['', 'https://mail.google.com/', 'https://outlook.live.com/'],
    campaign: { source: 'newsletter', medium: 'email', names: ['kw-47', 'black-friday', 'willkommen'] },
  },
  {
    name: 'social',
    weight: 7,
    landing: 'post',
    referrers: [
      'https://www.facebook.com/',
      'https://l.instagram.com/',
      'https://t.co/x1y2z3',
      'https://www.pinterest.de/',
    ],
  },
  {
    name: 'social advertisement',
    weight: 6,
    landing: 'product',
    referrers: ['https://l.facebook.com/', 'https://l.instagram.com/'],
    campaign: { source: 'facebook', medium: 'paid-social', names: ['geschenke', 'sommer moebel 50%'] },
  },
  {
    name: 'link',
    weight: 5,
    landing: 'blog',
    referrers: ['https://wohnblog.example/schoene-laeden', 'https://forum.example/thread/4711?seite=2'],
  },
];

const channels = new Choice(CHANNELS, (channel) => channel.weight);
const newsletter = CHANNELS.filter((channel) => channel.name === 'newsletter');

/** A visit's beginning. During a burst everybody comes by the newsletter that set it off. */
export function land(random: Random, site: Site, burst: boolean): Landing {
  const channel = burst ? newsletter[0]! : channels.draw(random);
  const page = site.page(random, channel.landing);
  const referrer = random.pick(channel.referrers);
  const { campaign } = channel;
  if (!campaign) return { page, parameters: '', referrer };
  const name = burst ? 'black-friday' : random.pick(campaign.names);
  let parameters = `utm_source=${campaign.source}&utm_medium=${campaign.medium}&utm_campaign=${encodeURIComponent(name)}`;
  if (page.product && campaign.medium === 'cpc') {
    parameters += `&utm_term=${encodeURIComponent(page.product.name).replaceAll('%20', '+')}&utm_content=${page.product.sku}`;
  }
  if (channel.clickId) {
    parameters += `&${channel.clickId}=${random.uint32().toString(36)}${random.uint32().toString(36)}`;
  }
  return { page, parameters, referrer };
}

/** The address of a page with parameters appended. */
export function withParameters(url: string, parameters: string): string {
  if (parameters === '') return url;
  return url + (url.includes('?') ? '&' : '?') + parameters;
}
