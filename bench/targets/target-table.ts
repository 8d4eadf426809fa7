/** The table of the targets as Markdown: what is wanted, and the median of the rounds with the smallest and the largest value. */
import { spreadOf } from "../readings/spread.ts";
import { type RoundFigures, TARGETS, type Target } from "./targets.ts";

export function targetTable(rounds: readonly RoundFigures[]): string {
  const lines = TARGETS.flatMap((target) => {
    const values = rounds.map((round) => target.of(round)).filter((value) => value !== undefined);
    const spread = spreadOf(values);
    if (spread === undefined) return [];
    const { median, low, high } = spread;
    const { wanted, better } = target;
    const isMet = better === "higher" ? median >= wanted : median <= wanted;
    const measured = `${text(target, median)} (${text(target, low)} to ${text(target, high)})`;
    return [
      `| ${target.figure} | ${text(target, wanted)} | ${measured} | ${isMet ? "yes" : "no"} |`,
    ];
  });
  return ["| figure | target | measured | met |", "|---|---|---|---|", ...lines].join("\n");
}

function text({ digits, unit }: Target, value: number): string {
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}
