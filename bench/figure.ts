// What a benchmark gives: a measured figure beside a baseline of the same run, and the quantiles they are made of.

export type Figure = {
  /** What was measured, e.g. `run of 100 tasks, wall time`. */
  readonly name: string;
  readonly unit: 'ms' | 'MB' | 'processes' | 'per second' | 'requests' | 'lines';
  readonly measured: number;
  /** Of the same run on the same machine; null where the figure stands for itself. */
  readonly baseline: number | null;
  /** What the baseline is. */
  readonly against: string;
  readonly ratio: number | null;
  /** What the design asks for. */
  readonly goal: string;
  readonly holds: boolean;
};

export type Bench = { readonly name: string; readonly what: string; readonly run: () => Promise<readonly Figure[]> };

export function figure(of: Omit<Figure, 'ratio'>): Figure {
  return {
    ...of,
    measured: round(of.measured),
    baseline: of.baseline === null ? null : round(of.baseline),
    ratio: of.baseline === null ? null : round(of.measured / of.baseline, 3),
  };
}

/** The value below which a share of the samples lies; 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
