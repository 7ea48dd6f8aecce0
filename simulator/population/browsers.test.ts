import { describe, expect, it } from 'vitest';
import { Random, rootOf } from '../random/random.ts';
import { BROWSERS_PER_VISITOR, type Browser, Population } from './browsers.ts';
import { DEVICE_PROFILES } from './devices.ts';
import { activity, PLACES } from './places.ts';

const settings = { seed: 3, visitors: 2_000, mark: 'cp-test', appId: 'shop', names: ['zoë', 'anna'] };
const population = new Population({ ...settings, skewedClocks: 0.1 });
const browsers = Array.from({ length: population.browsers }, (_, number) => population.browser(number));

describe('device profiles', () => {
  const systems = { Windows: /Windows NT/, macOS: /Macintosh/, Linux: /X11; Linux/, Android: /Android/ };

  it.each(DEVICE_PROFILES)(
    '$name: user agent, hints and form agree',
    ({ userAgent, hints, engine, form, memory }) => {
      expect(hints !== undefined).toBe(engine === 'chromium');
      expect(memory !== undefined).toBe(engine === 'chromium');
      expect(/Mobile/.test(userAgent)).toBe(form === 'mobile');
      if (!hints) return;
      expect(userAgent).toMatch(systems[hints.platform as keyof typeof systems]);
      const chromium = hints.brands.find(({ brand }) => brand === 'Chromium')!;
      expect(userAgent).toContain(`Chrome/${chromium.version}.`);
      expect(hints.full.model === '').toBe(form === 'desktop');
    },
  );

  it.each(DEVICE_PROFILES)('$name: a window fits its screen', ({ screens, form }) => {
    for (const [width, height, bars] of screens) {
      expect(bars).toBeLessThan(height / 3);
      if (form === 'mobile') expect(height).toBeGreaterThan(width);
    }
  });
});

describe('browsers', () => {
  it('are the same each time they are made', () => {
    const again = new Population({ ...settings, skewedClocks: 0.1 });
    for (const number of [0, 17, 4_711]) expect(again.browser(number)).toEqual(browsers[number]);
  });

  it('agree in all that they say about themselves', () => {
    for (const { device, headers, setup, viewport } of browsers) {
      expect(headers.userAgent).toBe(device.userAgent);
      expect(headers.hints?.mobile ?? false).toBe(headers.hints !== undefined && device.form === 'mobile');
      expect(headers.acceptLanguage.startsWith(setup.language)).toBe(true);
      const [width, height] = setup.resolution.split('x').map(Number);
      expect(viewport[0]).toBe(width);
      expect(viewport[1]).toBeLessThan(height!);
    }
  });

  it('of one visitor share country, language, time zone and account', () => {
    for (let visitor = 0; visitor < 100; visitor++) {
      const own = browsers.slice(visitor * BROWSERS_PER_VISITOR, (visitor + 1) * BROWSERS_PER_VISITOR);
      const shared = ({ place, account, setup }: Browser) => [place, account, setup.language, setup.timeZone];
      for (const browser of own) expect(shared(browser)).toEqual(shared(own[0]!));
    }
  });

  it('come from documentation addresses, and no two places share one', () => {
    const owners = new Map<string, string>();
    for (const { headers, place } of browsers) {
      const address = headers.forwardedFor!;
      expect(address).toMatch(
        /^(203\.0\.113|198\.51\.100|192\.0\.2)\.\d+$|^2001:db8:[0-9a-f]+:[0-9a-f]+::[0-9a-f]+$/,
      );
      const name = `${place.country} ${place.city}`;
      expect(owners.get(address) ?? name).toBe(name);
      owners.set(address, name);
    }
  });

  it('have the shares of privacy, method and wrong clocks they are meant to have', () => {
    const share = (test: (browser: Browser) => boolean) => browsers.filter(test).length / browsers.length;
    expect(share(({ privacy }) => privacy === 'full')).toBeCloseTo(0.88, 1);
    expect(share(({ privacy }) => privacy === 'anonymous')).toBeCloseTo(0.05, 1);
    expect(share(({ setup }) => setup.encoding.method === 'GET')).toBeCloseTo(0.35, 1);
    expect(share(({ clockSkew }) => clockSkew !== 0)).toBeCloseTo(0.1, 1);
    expect(share(({ clockSkew }) => Math.abs(clockSkew) > 12 * 3_600_000)).toBe(0);
  });

  it('are chosen among those that a visitor owns', () => {
    const random = new Random(rootOf('owned'));
    for (let i = 0; i < 500; i++) {
      const visitor = i % 50;
      expect(population.browserOf(visitor, random).visitor).toBe(visitor);
    }
  });
});

describe('the day', () => {
  it('has its quiet hours when it is night at the place', () => {
    const noonUtc = Date.UTC(2026, 0, 5, 12);
    for (const { utcOffset } of PLACES) {
      const at = (localHour: number) =>
        activity(noonUtc + (localHour - 12 - utcOffset) * 3_600_000, utcOffset);
      expect(at(3)).toBeCloseTo(0.05);
      expect(at(20)).toBeCloseTo(1);
    }
  });
});
