// The table of the targets: ratios taken within a round, medians over the rounds, and the runs that may be chosen.
import { describe, expect, it } from "vitest";
import { readOptions } from "../../bench/options.ts";
import { FIGURE_NAMES, type Figures } from "../../bench/payments/figures.ts";
import { targetTable } from "../../bench/targets/target-table.ts";
import { chosenRuns, TARGET_RUN_NAMES } from "../../bench/targets/targets-command.ts";

/** Figures of which only these are known. */
function figures(known: Partial<Figures>): Figures {
  const unknown = Object.fromEntries(FIGURE_NAMES.map((name) => [name, undefined]));
  return { ...(unknown as Figures), ...known };
}

describe("the table of the targets", () => {
  it("divides within a round, shows the median with its range, and says what was met", () => {
    const round = (four: number, sixteen: number) => ({
      "members-4": figures({ transfersPerSecond: 800, perNodeCpuUs: four }),
      "members-16": figures({ transfersPerSecond: 150, perNodeCpuUs: sixteen }),
    });
    const table = targetTable([round(100, 120), round(200, 300), round(100, 110)]);
    expect(table.split("\n").slice(2)).toEqual([
      "| processor time of a node for each transfer, n = 16 ÷ n = 4 | 1.30 | 1.20 (1.10 to 1.50) | yes |",
      "| transfers/s × n, n = 16 ÷ n = 4 | 0.70 | 0.75 (0.75 to 0.75) | yes |",
    ]);
    const slow = targetTable([{ single: figures({ p50Ms: 28.4 }) }]);
    expect(slow).toContain(
      "| latency of one in flight, p50 | 18 ms | 28 ms (28 ms to 28 ms) | no |",
    );
  });
});

describe("the runs of the targets", () => {
  it("are all, or those that are named, in the order of a round", () => {
    expect(chosenRuns([])).toEqual(TARGET_RUN_NAMES);
    expect(chosenRuns(["open-50", "saturation"])).toEqual(["saturation", "open-50"]);
    expect(readOptions(["targets", "single", "--rounds", "2"])).toMatchObject({
      kind: "targets",
      rounds: 2,
      options: { names: ["single"] },
    });
  });

  it("are refused if there is none of a name, or if an open load lacks its saturation", () => {
    expect(() => readOptions(["targets", "cold"])).toThrow(/has no run cold; take some of stream/);
    expect(() => readOptions(["targets", "open-50"])).toThrow(/name saturation too/);
  });
});
