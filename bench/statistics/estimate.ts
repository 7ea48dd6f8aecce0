/** A median and how sure it is. */
export interface Estimate {
  readonly median: number;
  /** Order statistics that hold the true median between them with `confidence`, whatever the distribution. */
  readonly low: number;
  readonly high: number;
  /** 0 to 1; less than asked for where there are too few samples. */
  readonly confidence: number;
}

const WANTED_CONFIDENCE = 0.95;

/**
 * The median of some measurements and a confidence interval made of two of them. Nothing is assumed of the distribution: times have
 * long tails, and a mean with a standard error would follow them. Below six samples the interval is all of them, and
 * `confidence` says what that is worth.
 *
 * @throws RangeError without any sample, or when one is no number
 */
export function estimate(samples: readonly number[]): Estimate {
  if (samples.length === 0 || samples.some(Number.isNaN)) {
    throw new RangeError(`no median of [${samples.join(', ')}]`);
  }
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  // The true median lies outside of the k-th from either end with the chance of fewer than k heads or tails in n tosses.
  let k = 1;
  let outside = 2 * tail(n, 1);
  for (let next = 2 * tail(n, 2); n >= 4 && 1 - next >= WANTED_CONFIDENCE; next = 2 * tail(n, k + 1)) {
    k += 1;
    outside = next;
  }
  return {
    median: middle(sorted),
    low: sorted[k - 1]!,
    high: sorted[n - k]!,
    confidence: Math.max(0, 1 - outside),
  };
}

/** The chance of fewer than `k` heads in `n` fair tosses. */
function tail(n: number, k: number): number {
  let ways = 1;
  let sum = 0;
  for (let heads = 0; heads < k; heads++) {
    sum += ways;
    ways = (ways * (n - heads)) / (heads + 1);
  }
  return sum / 2 ** n;
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** How many times as much, replicate by replicate: what slows the machine down for a while slows both. */
export function ratios(samples: readonly number[], references: readonly number[]): number[] {
  return samples.slice(0, references.length).map((sample, i) => sample / references[i]!);
}

/** The growth a step of evenly spaced values: the median of the slopes of all pairs (Theil and Sen), which outliers do not move. */
export function slope(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) slopes.push((values[j]! - values[i]!) / (j - i));
  }
  return slopes.length === 0 ? 0 : middle(Float64Array.from(slopes).sort());
}
