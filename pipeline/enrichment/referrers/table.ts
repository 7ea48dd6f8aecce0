/** A site that visitors come from. */
export interface Referrer {
  readonly medium: 'search' | 'social' | 'email' | 'paid';
  readonly source: string;
  /** Hosts, with or without a path; a host stands for its subdomains too. */
  readonly places: readonly string[];
  /** Search engines: the parameters that hold the search term, the first one present wins. */
  readonly parameters?: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);
/** `gmx.{de,at}`: one place a top-level domain. */
const under = (name: string, domains: string): string[] =>
  words(domains).map((domain) => `${name}.${domain}`);

function search(source: string, places: readonly string[], parameters = 'q'): Referrer {
  return { medium: 'search', source, places, parameters: words(parameters) };
}

function site(medium: 'social' | 'email' | 'paid', source: string, places: string): Referrer {
  return { medium, source, places: words(places) };
}

/** The country domains of large search engines. */
const COUNTRIES = `com at be bg ca ch cz de dk ee es fi fr gr hr hu ie it lt lu lv nl no pl pt ro rs se si sk is
  ru com.ua by kz co.uk com.tr co.il ae com.sa com.eg co.za com.ng co.ke com.au co.nz co.in com.pk com.bd lk
  co.jp co.kr com.hk com.tw com.sg com.my co.th com.vn com.ph co.id com.br com.ar com.mx cl com.co com.pe co.ve
  com.uy com.ec com.bo com.py ma tn dz cn am ge az md mk ba me al li`;

/**
 * A small table of our own: the search engines, networks and mail services that most visits come from. It is not
 * meant to be complete; whatever it lacks is `unknown`.
 */
export const REFERRERS: readonly Referrer[] = [
  search(
    'Google',
    [...under('google', COUNTRIES), 'isearch.avg.com', 'search.avg.com', 'googleusercontent.com'],
    'q query as_q',
  ),
  search(
    'Google Images',
    [
      ...under('google', COUNTRIES).flatMap((host) => [`${host}/imgres`, `${host}/images`]),
      ...under('images.google', COUNTRIES),
    ],
    'q',
  ),
  search('Bing', ['bing.com'], 'q Q'),
  search('Bing Images', ['bing.com/images', 'bing.com/images/search'], 'q Q'),
  search('Yahoo!', [...under('search.yahoo', 'com co.jp'), 'yahoo.com', 'yahoo.co.jp'], 'p q'),
  search('Yahoo! Images', ['images.search.yahoo.com', 'image.yahoo.cn'], 'p q'),
  search('DuckDuckGo', ['duckduckgo.com']),
  search('Ecosia', ['ecosia.org']),
  search('Qwant', ['qwant.com']),
  search('Startpage', ['startpage.com'], 'query q'),
  search('Brave', ['search.brave.com']),
  search('Baidu', ['baidu.com'], 'wd word kw k'),
  search('Sogou', ['sogou.com'], 'query w'),
  search('Naver', ['search.naver.com', 'naver.com'], 'query q'),
  search('Daum', ['search.daum.net', 'daum.net']),
  search('Seznam', ['search.seznam.cz', 'seznam.cz']),
  search('Yandex', [...under('yandex', 'ru com com.tr ua by kz eu'), 'ya.ru'], 'text'),
  search('Yandex Images', under('images.yandex', 'ru com com.tr ua by kz'), 'text'),
  search('Mail.ru', ['go.mail.ru']),
  search('Ask', ['ask.com', 'search.ask.com'], 'q ask searchfor'),
  search('Ask Toolbar', ['search.tb.ask.com'], 'searchfor'),
  search('AOL', ['search.aol.com', 'aolsearch.com', 'aolsearch.aol.co.uk', 'search.aol.co.uk'], 'q query'),
  search('IXquick', ['ixquick.com'], 'query'),
  search('Voila', ['voila.fr', 'search.ke.voila.fr'], 'kw rdata'),
  search('Dalesearch', ['dalesearch.com']),
  search('Babylon', ['search.babylon.com']),
  search('1und1', ['suche.1und1.de'], 'su q'),
  search('T-Online', ['suche.t-online.de']),
  search('Web.de', ['suche.web.de'], 'su q'),
  search('GMX', ['suche.gmx.net', 'suche.gmx.at', 'suche.gmx.ch'], 'su q'),
  search('PriceRunner', under('pricerunner', 'com co.uk de dk se')),

  site('paid', 'Google', 'googlesyndication.com syndicatedsearch.goog doubleclick.net googleadservices.com'),
  site('paid', 'Outbrain', 'outbrain.com'),
  site('paid', 'Taboola', 'taboola.com'),
  site('paid', 'Criteo', 'criteo.com'),

  site('social', 'Facebook', 'facebook.com fb.me fb.com messenger.com'),
  site('social', 'Instagram', 'instagram.com'),
  site('social', 'Threads', 'threads.com threads.net'),
  site('social', 'Twitter', 'twitter.com t.co x.com'),
  site('social', 'LinkedIn', 'linkedin.com lnkd.in'),
  site('social', 'Pinterest', 'pinterest.com pin.it pinterest.de pinterest.co.uk pinterest.fr pinterest.ca'),
  site('social', 'Reddit', 'reddit.com'),
  site('social', 'TikTok', 'tiktok.com'),
  site('social', 'Youtube', 'youtube.com youtu.be'),
  site('social', 'Tumblr', 'tumblr.com'),
  site('social', 'XING', 'xing.com'),
  site('social', 'Mastodon', 'mastodon.social mastodon.online'),
  site('social', 'Bluesky', 'bsky.app'),
  site('social', 'Odnoklassniki', 'odnoklassniki.ru ok.ru'),
  site('social', 'Vkontakte', 'vk.com vkontakte.ru'),
  site('social', 'Sina Weibo', 'weibo.com weibo.cn'),
  site('social', 'Workplace', 'workplace.com'),
  site('social', 'Lnk.Bio', 'lnk.bio'),
  site('social', 'Linktree', 'linktr.ee'),
  site('social', 'Hacker News', 'news.ycombinator.com'),
  site('social', 'Stack Overflow', 'stackoverflow.com'),
  site('social', 'GitHub', 'github.com'),
  site('social', 'Quora', 'quora.com'),

  site('email', 'Gmail', 'mail.google.com inbox.google.com'),
  site('email', 'Outlook.com', 'mail.live.com outlook.live.com outlook.com hotmail.com'),
  site('email', 'Yahoo! Mail', 'mail.yahoo.com mail.yahoo.net mail.yahoo.co.jp mail.yahoo.co.uk'),
  {
    medium: 'email',
    source: 'GMX',
    places: [
      ...under('deref-gmx', 'net de at ch fr it es com co.uk'),
      ...under('lightmailer.gmx', 'net de at ch fr it es com co.uk'),
      ...under('lightmailer-bs.gmx', 'net de at ch'),
      ...under('navigator.gmx', 'net de at ch'),
      ...under('3c.gmx', 'net de at ch'),
      ...under('3c-bap.gmx', 'net de at ch'),
    ],
  },
  site(
    'email',
    'Web.de',
    '3c.web.de 3c-bap.web.de 3c-bs.web.de deref-web.de deref-web-02.de lightmailer.web.de lightmailer-bs.web.de navigator.web.de',
  ),
  {
    medium: 'email',
    source: 'Ionos',
    places: [
      ...under('email.ionos', 'com de fr it es ca mx co.uk'),
      ...under('mailbusiness.ionos', 'com de fr it es ca mx co.uk'),
    ],
  },
  site('email', 'T-Online', 'email.t-online.de webmail.t-online.de'),
  site('email', 'Vodafone', 'mail.vodafone.de'),
  site('email', 'Bluewin', 'rich-v01.bluewin.ch rich-v02.bluewin.ch'),
  site('email', 'UPC', 'upcmail.hispeed.ch'),
  site(
    'email',
    'Orange Webmail',
    'mail01.orange.fr mail02.orange.fr mail03.orange.fr messagerie.orange.fr webmail.orange.fr',
  ),
  site('email', 'TIM', 'webmail.tim.it'),
  site('email', 'Infomaniak', 'mail.infomaniak.com'),
  site('email', 'Mail.com', '3c-lxa.mail.com deref-mail.com navigator-lxa.mail.com'),
  site('email', 'Proton Mail', 'mail.proton.me mail.protonmail.com'),
  site('email', 'iCloud', 'mail.icloud.com icloud.com/mail'),
  site('email', 'Fastmail', 'fastmail.com'),
  site('email', 'Mail.ru', 'e.mail.ru'),
];
