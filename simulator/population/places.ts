/**
 * Where visitors live: country, language and time zone agree. Addresses are from the documentation ranges (RFC 5737,
 * RFC 3849), cut up so that each place has its own; they lead to nobody.
 */
export interface Place {
  readonly country: string;
  readonly city: string;
  readonly language: string;
  readonly acceptLanguage: string;
  readonly timeZone: string;
  /** Hours ahead of UTC in winter; only shapes the day, so summer time does not matter. */
  readonly utcOffset: number;
  readonly currency: string;
  readonly weight: number;
  /** First three octets and the first of 16 host numbers. */
  readonly ipv4: readonly [prefix: string, first: number];
  /** Third group of the 2001:db8::/32 prefix. */
  readonly ipv6: string;
}

const DOCUMENTATION_RANGES = ['203.0.113', '198.51.100', '192.0.2'];

export const PLACES: readonly Place[] = [
  place('DE', 'Berlin', 'de-DE', 'Europe/Berlin', 1, 'EUR', 34),
  place('DE', 'München', 'de', 'Europe/Berlin', 1, 'EUR', 14),
  place('AT', 'Wien', 'de-AT', 'Europe/Vienna', 1, 'EUR', 7),
  place('CH', 'Zürich', 'de-CH', 'Europe/Zurich', 1, 'CHF', 6),
  place('FR', 'Orléans', 'fr-FR', 'Europe/Paris', 1, 'EUR', 8),
  place('PL', 'Łódź', 'pl-PL', 'Europe/Warsaw', 1, 'PLN', 6),
  place('GB', 'London', 'en-GB', 'Europe/London', 0, 'GBP', 7),
  place('US', 'New York', 'en-US', 'America/New_York', -5, 'USD', 7),
  place('BR', 'São Paulo', 'pt-BR', 'America/Sao_Paulo', -3, 'BRL', 3),
  place('TR', 'İstanbul', 'tr-TR', 'Europe/Istanbul', 3, 'TRY', 3),
  place('JP', '東京', 'ja', 'Asia/Tokyo', 9, 'JPY', 3),
  place('AU', 'Sydney', 'en-AU', 'Australia/Sydney', 10, 'AUD', 2),
].map((one, number) => ({
  ...one,
  ipv4: [DOCUMENTATION_RANGES[number % 3]!, 16 * (1 + Math.floor(number / 3))] as const,
  ipv6: (0x100 + number).toString(16),
}));

function place(
  country: string,
  city: string,
  language: string,
  timeZone: string,
  utcOffset: number,
  currency: string,
  weight: number,
): Omit<Place, 'ipv4' | 'ipv6'> {
  const base = language.split('-')[0]!;
  const preferences = base === language ? [language] : [language, base];
  if (base !== 'en') preferences.push('en-US', 'en');
  const acceptLanguage = preferences
    .map((tag, rank) => (rank === 0 ? tag : `${tag};q=${((10 - rank) / 10).toFixed(1)}`))
    .join(',');
  return { country, city, language, acceptLanguage, timeZone, utcOffset, currency, weight };
}

/** How active people are in each hour of their own day, from midnight; the most active hour is 1. */
const DAY = [
  0.16, 0.1, 0.06, 0.05, 0.05, 0.09, 0.2, 0.36, 0.5, 0.6, 0.66, 0.68, 0.72, 0.68, 0.66, 0.66, 0.7, 0.78, 0.86,
  0.94, 1, 0.96, 0.72, 0.38,
];

/** Activity (0 to 1) at a moment (Unix time, ms), taken linearly between the full hours of the place. */
export function activity(at: number, utcOffset: number): number {
  const hours = (((at / 3_600_000 + utcOffset) % 24) + 24) % 24;
  const hour = Math.floor(hours);
  const share = hours - hour;
  return DAY[hour]! * (1 - share) + DAY[(hour + 1) % 24]! * share;
}
