/** What a figure must come to, if there is something it must. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One thing that was measured, once in each round. */
export interface Figure {
  readonly name: string;
  /** `ratio`: one side of a pair over the other, measured right after one another. */
  readonly unit: string;
  readonly rounds: readonly number[];
  readonly target?: Target;
}

/** What a benchmark found. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** What the reader must know to read the figures right. */
  readonly notes: readonly string[];
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that a share of all values does not exceed; NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const ascending = Float64Array.from(values).sort();
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

/** The ratio of each pair: what the first side came to in a round over what the other did in the same round. */
export function pairwise(these: readonly number[], those: readonly number[]): number[] {
  return these.map((value, round) => value / (those[round] ?? Number.NaN));
}

/** Whether the median of the rounds is where it must be; null: it may be anything. */
export function meets({ rounds, target }: Figure): boolean | null {
  if (target === undefined) return null;
  const value = median(rounds);
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** Gathers figures round by round, by name. */
export class FigureTable {
  readonly #figures = new Map<string, { unit: string; rounds: number[]; target: Target | undefined }>();

  add(name: string, unit: string, value: number, target?: Target): void {
    const figure = this.#figures.get(name);
    if (figure) figure.rounds.push(value);
    else this.#figures.set(name, { unit, rounds: [value], target });
  }

  list(): Figure[] {
    return [...this.#figures].map(([name, { unit, rounds, target }]) => ({
      name,
      unit,
      rounds,
      ...(target === undefined ? {} : { target }),
    }));
  }
}
