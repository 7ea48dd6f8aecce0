import type { UserAgentRule } from '../../resources/uap-core.ts';

/**
 * Browsers that the published uap-core 0.18 takes for another. They go before its rules; when a release of uap-core
 * knows them, they can go.
 */
export const NEWER_BROWSERS: readonly UserAgentRule[] = [
  { regex: 'OculusBrowser/(\\d+)\\.(\\d+)\\.(\\d+)', ...family('Oculus Browser') },
  { regex: 'baiduboxapp/(\\d+)\\.(\\d+)\\.(\\d+)', ...family('Baidu Explorer') },
  { regex: 'VivoBrowser/(\\d+)\\.(\\d+)\\.(\\d+)', ...family('VivoBrowser') },
  { regex: 'HiBrowser/v(\\d+)\\.(\\d+)\\.(\\d+)', regex_flag: 'i', ...family('HiBrowser') },
  { regex: '__weibo__(\\d+)\\.(\\d+)\\.(\\d+)', ...family('Weibo') },
];

/** The first group is the major version here, as the family needs none. */
function family(name: string): Record<string, string> {
  return { family_replacement: name, v1_replacement: '$1', v2_replacement: '$2', v3_replacement: '$3' };
}
