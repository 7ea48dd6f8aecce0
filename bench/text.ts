import { aimMet, type BenchmarkResult } from '../reports/result.ts';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A figure as a line of text: value, how sure, beside what, and whether it is what it should be. */
export function figureLine(one: BenchmarkResult): string {
  const single = one.samples.length === 1;
  const spread = single ? '' : between(one.spread);
  const ofRatio = single || !one.ratioSpread ? '' : between(one.ratioSpread);
  const reference = one.reference
    ? `; ${number.format(one.ratio ?? 0)}${ofRatio} × ${one.reference.name} (${number.format(one.reference.value)})`
    : '';
  const met = aimMet(one);
  const limit = one.better === 'more' ? 'at least' : 'at most';
  const aim =
    met === undefined ? '' : `; aim ${limit} ${number.format(one.aim!)}: ${met ? 'reached' : 'missed'}`;
  return `  ${one.name}: ${number.format(one.value)} ${one.unit}${spread}${reference}${aim}`;
}

function between({ low, high, confidence }: BenchmarkResult['spread']): string {
  return ` (${number.format(low)} to ${number.format(high)}, ${Math.floor(confidence * 100)} %)`;
}
