import type { Header } from '../plan/request.ts';
import type { Random } from '../random/random.ts';
import { POST_PATH } from '../tracker/encoding.ts';

/** A request that is no tracker's: what every public server gets besides. */
export interface Noise {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
}

const PROBE: readonly Header[] = [
  ['User-Agent', 'kube-probe/1.34'],
  ['Accept', '*/*'],
];
const ROBOT: readonly Header[] = [
  ['User-Agent', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
  ['Accept', 'text/plain,text/html;q=0.9'],
];
const SCANNER: readonly Header[] = [
  ['User-Agent', 'Mozilla/5.0 zgrab/0.x'],
  ['Accept', '*/*'],
];

const NOISES: readonly Noise[] = [
  { method: 'GET', target: '/health', headers: PROBE },
  { method: 'GET', target: '/robots.txt', headers: ROBOT },
  { method: 'GET', target: '/wp-login.php', headers: SCANNER },
  { method: 'GET', target: '/.env', headers: SCANNER },
  {
    method: 'OPTIONS',
    target: POST_PATH,
    headers: [
      ['Accept', '*/*'],
      ['Access-Control-Request-Method', 'POST'],
      ['Access-Control-Request-Headers', 'content-type'],
      ['Origin', 'https://partner.example'],
      ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'],
      ['Sec-Fetch-Mode', 'cors'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Sec-Fetch-Dest', 'empty'],
    ],
  },
];

export function noise(random: Random): Noise {
  return random.pick(NOISES);
}
