import type { BenchmarkResult } from '../reports/result.ts';
import { estimate, ratios } from './statistics/estimate.ts';

export interface FigureOptions {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly reference?: { readonly name: string; readonly samples: readonly number[] } | undefined;
  readonly published?: BenchmarkResult['published'];
  readonly aim?: number;
  readonly better?: BenchmarkResult['better'];
  readonly notes?: readonly string[];
}

/** Makes a figure of measurements: the median, how sure it is, and how it compares. */
export function figure(options: FigureOptions): BenchmarkResult {
  const { samples, reference } = options;
  const { median, ...spread } = estimate(samples);
  const ratio = reference && estimate(ratios(samples, reference.samples));
  return {
    name: options.name,
    unit: options.unit,
    value: median,
    samples,
    spread,
    better: options.better ?? 'more',
    ...(reference &&
      ratio && {
        reference: { name: reference.name, value: estimate(reference.samples).median },
        ratio: ratio.median,
        ratioSpread: { low: ratio.low, high: ratio.high, confidence: ratio.confidence },
      }),
    ...(options.published && { published: options.published }),
    ...(options.aim !== undefined && { aim: options.aim }),
    notes: options.notes ?? [],
  };
}
