import { z } from 'zod';

/** Zod types for values that people type with a unit. Each takes the text or the plain number. */

const DURATION = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  KiB: 1_024,
  MB: 1_000_000,
  MiB: 1_048_576,
  GB: 1e9,
  GiB: 2 ** 30,
} as const;

/** Which kind of value a type holds, so that a default can be shown as people type it: `type.meta()?.unit`. */
export type Unit = 'duration' | 'size' | 'rate' | 'share';

function scaled(unit: Unit, units: Readonly<Record<string, number>>, what: string, bare: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${Object.keys(units).join('|')})$`);
  return z
    .union([z.number().nonnegative(), z.string()])
    .transform((given, context) => {
      if (typeof given === 'number') return given;
      const match = pattern.exec(given.trim());
      if (match) return Number(match[1]) * units[match[2]!]!;
      if (/^\d+$/.test(given.trim())) return Number(given);
      context.addIssue({ code: 'custom', message: `${what}, not "${given}" (a bare number is ${bare})` });
      return z.NEVER;
    })
    .meta({ unit });
}

/** `10s`, `5m`, `250ms`, `1.5h`; a bare number is milliseconds. Gives ms. */
export const duration = scaled('duration', DURATION, 'a duration like 10s, 5m or 250ms', 'milliseconds');

/** `1MB`, `64KiB`; a bare number is bytes. Gives bytes. */
export const size = scaled('size', SIZE, 'a size like 64KiB or 1MB', 'bytes');

/** What is planned ahead grows with it, and no machine sends more. */
const HIGHEST_RATE = 100_000;

function perSecondOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(k?)(?:\/(s|m|h))?$/.exec(text);
  if (!match) return Number.NaN;
  const per = match[3] === 'h' ? 3600 : match[3] === 'm' ? 60 : 1;
  return (Number(match[1]) * (match[2] ? 1000 : 1)) / per;
}

/** `200/s`, `12k/m`; a bare number is per second. Gives events a second. */
export const rate = z
  .union([z.number().positive(), z.string()])
  .transform((given, context) => {
    const perSecond = typeof given === 'number' ? given : perSecondOf(given.trim());
    if (perSecond > 0 && perSecond <= HIGHEST_RATE) return perSecond;
    const message =
      perSecond > HIGHEST_RATE
        ? `at most ${HIGHEST_RATE.toLocaleString('en')}/s, not "${given}"`
        : `a rate like 200/s or 12k/m, not "${given}"`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ unit: 'rate' });

/** `5%` and `0.05` alike. Gives a number from 0 to 1. */
export const share = z
  .union([z.number(), z.string()])
  .transform((given, context) => {
    const text = String(given).trim();
    const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
    const value = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
    if (value >= 0 && value <= 1) return value;
    context.addIssue({ code: 'custom', message: `a share like 5% or 0.05, not "${text}"` });
    return z.NEVER;
  })
  .meta({ unit: 'share' });
