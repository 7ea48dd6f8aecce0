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
  const { median, low, high, confidence } = estimate(samples);
  return {
    name: options.name,
    unit: options.unit,
    value: median,
    samples,
    spread: { low, high, confidence },
    better: options.better ?? 'more',
    ...(reference && {
      reference: { name: reference.name, value: estimate(reference.samples).median },
      ratio: estimate(ratios(samples, reference.samples)).median,
    }),
    ...(options.published && { published: options.published }),
    ...(options.aim !== undefined && { aim: options.aim }),
    notes: options.notes ?? [],
  };
}
