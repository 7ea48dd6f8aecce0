import type { Unit } from '../../pipeline/contracts/units.ts';
import type { Setting } from './setting.ts';

const STEPS: Readonly<Partial<Record<Unit, readonly (readonly [name: string, factor: number])[]>>> = {
  duration: [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ],
  size: [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
    ['B', 1],
  ],
};

/** A value as people would type it: `10s`, `1MiB`, `200/s`, `5%`, `a,b`. Empty for what is best not shown. */
export function shown(value: unknown, unit?: Unit): string {
  if (value === undefined || value === null || value === '') return '';
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? value.join(',') : '';
  if (typeof value === 'object') return '';
  if (typeof value !== 'number' || unit === undefined || value === 0) return String(value);
  if (unit === 'rate') return `${value}/s`;
  if (unit === 'share') return `${Number((value * 100).toFixed(6))}%`;
  // The largest unit that gives a number with at most one decimal.
  const [name, factor] = STEPS[unit]!.find(
    ([, size]) => value >= size && Number.isInteger((value / size) * 2),
  )!;
  return `${value / factor}${name}`;
}

/** What stands for the value of a flag. */
export function placeholder({ kind, unit, choices }: Setting): string {
  if (choices && choices.join('|').length <= 24) return choices.join('|');
  if (unit !== undefined) return unit;
  if (kind === 'list') return 'a,b,…';
  return kind === 'number' ? 'n' : 'text';
}

/** A description as it stands behind a flag: no capital, no full stop. */
export function phrase(description: string): string {
  const text = description.endsWith('.') ? description.slice(0, -1) : description;
  return /^[A-Z][a-z']*[ ,;:]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
