/** Figures of two revisions that were measured in alternation: the ratio of each round, and the spread of the ratios. */
import { ratiosByRound, type Spread, spreadOf } from "../readings/spread.ts";

/** One round: the figures of both revisions, by name. */
export interface ComparedRound<Name extends string> {
  readonly before: Readonly<Partial<Record<Name, number | undefined>>>;
  readonly after: Readonly<Partial<Record<Name, number | undefined>>>;
}

export interface ComparedFigure<Name extends string> {
  readonly name: Name;
  readonly before: Spread;
  readonly after: Spread;
  /** After ÷ before; absent if no round has both, or if the figure was 0 before. */
  readonly ratio: Spread | undefined;
}

/** Figures that one of the revisions lacks are left out. */
export function compareFigures<Name extends string>(
  names: readonly Name[],
  rounds: readonly ComparedRound<Name>[],
): readonly ComparedFigure<Name>[] {
  return names.flatMap((name) => {
    const before = rounds.map((round) => round.before[name]);
    const after = rounds.map((round) => round.after[name]);
    const spreads = [before, after].map((values) => {
      return spreadOf(values.filter((value) => value !== undefined));
    });
    const [first, second] = spreads;
    if (first === undefined || second === undefined) return [];
    return [{ name, before: first, after: second, ratio: spreadOf(ratiosByRound(before, after)) }];
  });
}

export interface ComparedLine {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  readonly ratio: Spread | undefined;
}

const LABEL_WIDTH = 48;
const VALUE_WIDTH = 13;

/** A line of the table: before, after, and the median ratio with its smallest and largest value. */
export function comparedLine({ label, before, after, ratio }: ComparedLine): string {
  const values = [before, after].map((value) => value.padStart(VALUE_WIDTH)).join("");
  if (ratio === undefined) return `  ${label.padEnd(LABEL_WIDTH)}${values}`;
  const [median, low, high] = [ratio.median, ratio.low, ratio.high].map((one) => one.toFixed(3));
  return `  ${label.padEnd(LABEL_WIDTH)}${values}   × ${median}  (${low} … ${high})`;
}

/** The order in which the two revisions of a round are measured: it alternates, so that a drift favours neither. */
export function isAfterFirst(round: number): boolean {
  return round % 2 === 1;
}
