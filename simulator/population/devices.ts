import type { BrowserHeaders } from '../tracker/headers.ts';

/**
 * Browsers as they come: user agent, client hints, operating system and screen of one entry belong together, so that no
 * simulated request contradicts itself. Weights are rough shares of a European shop's visitors.
 */
export interface DeviceProfile {
  readonly name: string;
  readonly weight: number;
  readonly form: 'desktop' | 'mobile' | 'tablet';
  readonly engine: BrowserHeaders['engine'];
  readonly userAgent: string;
  /** Chromium only. `full` is what `getHighEntropyValues` tells once the page has loaded. */
  readonly hints?: ClientHints;
  /** Screen and window width x height in CSS pixels; the window is the screen less the browser's own bars. */
  readonly screens: readonly (readonly [width: number, height: number, bars: number])[];
  readonly pixelRatios: readonly number[];
  readonly colorDepth: number;
  /** GiB; only Chromium tells. */
  readonly memory?: readonly number[];
  readonly cores: readonly number[];
}

export interface ClientHints {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
  readonly platform: string;
  readonly full: {
    readonly architecture: string;
    readonly model: string;
    readonly uaFullVersion: string;
    readonly platformVersion: string;
  };
}

const CHROMIUM = '156';
const CHROMIUM_FULL = '156.0.8078.79';
const GREASE = { brand: 'Not:A-Brand', version: '8' };

function brands(name: string): ClientHints['brands'] {
  return [GREASE, { brand: 'Chromium', version: CHROMIUM }, { brand: name, version: CHROMIUM }];
}

function chromeAgent(system: string, mobile = false, suffix = ''): string {
  const safari = mobile ? 'Mobile Safari/537.36' : 'Safari/537.36';
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${CHROMIUM}.0.0.0 ${safari}${suffix}`;
}

const DESKTOP_SCREENS = [
  [1920, 1080, 147],
  [2560, 1440, 147],
  [1536, 864, 138],
  [1366, 768, 130],
  [3840, 2160, 160],
] as const;
const MAC_SCREENS = [
  [1512, 982, 140],
  [1728, 1117, 142],
  [2560, 1440, 146],
] as const;
const PHONE_SCREENS = [
  [412, 915, 132],
  [360, 800, 128],
  [393, 873, 130],
] as const;
const IPHONE_SCREENS = [
  [390, 844, 180],
  [402, 874, 180],
  [440, 956, 182],
] as const;

export const DEVICE_PROFILES: readonly DeviceProfile[] = [
  {
    name: 'Chrome on Windows',
    weight: 24,
    form: 'desktop',
    engine: 'chromium',
    userAgent: chromeAgent('Windows NT 10.0; Win64; x64'),
    hints: {
      brands: brands('Google Chrome'),
      platform: 'Windows',
      full: { architecture: 'x86', model: '', uaFullVersion: CHROMIUM_FULL, platformVersion: '19.0.0' },
    },
    screens: DESKTOP_SCREENS,
    pixelRatios: [1, 1.25, 1.5],
    colorDepth: 24,
    memory: [8, 16, 32],
    cores: [4, 8, 12, 16],
  },
  {
    name: 'Edge on Windows',
    weight: 8,
    form: 'desktop',
    engine: 'chromium',
    userAgent: chromeAgent('Windows NT 10.0; Win64; x64', false, ` Edg/${CHROMIUM}.0.0.0`),
    hints: {
      brands: brands('Microsoft Edge'),
      platform: 'Windows',
      full: { architecture: 'x86', model: '', uaFullVersion: '156.0.3905.44', platformVersion: '15.0.0' },
    },
    screens: DESKTOP_SCREENS,
    pixelRatios: [1, 1.25],
    colorDepth: 24,
    memory: [8, 16],
    cores: [4, 8, 12],
  },
  {
    name: 'Chrome on macOS',
    weight: 7,
    form: 'desktop',
    engine: 'chromium',
    userAgent: chromeAgent('Macintosh; Intel Mac OS X 10_15_7'),
    hints: {
      brands: brands('Google Chrome'),
      platform: 'macOS',
      full: { architecture: 'arm', model: '', uaFullVersion: CHROMIUM_FULL, platformVersion: '26.1.0' },
    },
    screens: MAC_SCREENS,
    pixelRatios: [2],
    colorDepth: 30,
    memory: [8, 16, 32],
    cores: [8, 10, 12],
  },
  {
    name: 'Chrome on Linux',
    weight: 2,
    form: 'desktop',
    engine: 'chromium',
    userAgent: chromeAgent('X11; Linux x86_64'),
    hints: {
      brands: brands('Google Chrome'),
      platform: 'Linux',
      full: { architecture: 'x86', model: '', uaFullVersion: CHROMIUM_FULL, platformVersion: '' },
    },
    screens: DESKTOP_SCREENS,
    pixelRatios: [1],
    colorDepth: 24,
    memory: [8, 16, 32],
    cores: [4, 8, 16],
  },
  {
    name: 'Firefox on Windows',
    weight: 5,
    form: 'desktop',
    engine: 'gecko',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0',
    screens: DESKTOP_SCREENS,
    pixelRatios: [1, 1.25],
    colorDepth: 24,
    cores: [4, 8, 16],
  },
  {
    name: 'Firefox on Linux',
    weight: 2,
    form: 'desktop',
    engine: 'gecko',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
    screens: DESKTOP_SCREENS,
    pixelRatios: [1],
    colorDepth: 24,
    cores: [4, 8, 16],
  },
  {
    name: 'Safari on macOS',
    weight: 6,
    form: 'desktop',
    engine: 'webkit',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    screens: MAC_SCREENS,
    pixelRatios: [2],
    colorDepth: 24,
    cores: [8],
  },
  {
    name: 'Chrome on Android',
    weight: 22,
    form: 'mobile',
    engine: 'chromium',
    userAgent: chromeAgent('Linux; Android 10; K', true),
    hints: {
      brands: brands('Google Chrome'),
      platform: 'Android',
      full: {
        architecture: '',
        model: 'Pixel 9',
        uaFullVersion: CHROMIUM_FULL,
        platformVersion: '16.0.0',
      },
    },
    screens: PHONE_SCREENS,
    pixelRatios: [2.625, 3],
    colorDepth: 24,
    memory: [4, 8],
    cores: [8],
  },
  {
    name: 'Samsung Internet',
    weight: 4,
    form: 'mobile',
    engine: 'chromium',
    userAgent: `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/32.0 Chrome/${CHROMIUM}.0.0.0 Mobile Safari/537.36`,
    hints: {
      brands: [
        GREASE,
        { brand: 'Samsung Internet', version: '32.0' },
        { brand: 'Chromium', version: CHROMIUM },
      ],
      platform: 'Android',
      full: { architecture: '', model: 'SM-S931B', uaFullVersion: '32.0.0.16', platformVersion: '16.0.0' },
    },
    screens: PHONE_SCREENS,
    pixelRatios: [3],
    colorDepth: 24,
    memory: [8],
    cores: [8],
  },
  {
    name: 'Safari on iPhone',
    weight: 17,
    form: 'mobile',
    engine: 'webkit',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
    screens: IPHONE_SCREENS,
    pixelRatios: [3],
    colorDepth: 24,
    cores: [4, 6],
  },
  {
    name: 'Chrome on an Android tablet',
    weight: 3,
    form: 'tablet',
    engine: 'chromium',
    userAgent: chromeAgent('Linux; Android 10; K'),
    hints: {
      brands: brands('Google Chrome'),
      platform: 'Android',
      full: { architecture: '', model: 'SM-X710', uaFullVersion: CHROMIUM_FULL, platformVersion: '15.0.0' },
    },
    screens: [[1280, 800, 110]],
    pixelRatios: [2],
    colorDepth: 24,
    memory: [8],
    cores: [8],
  },
];
