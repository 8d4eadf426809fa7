// The log during a store's upgrade: the beginning, the end and the progress, but not every batch.
import { expect, it } from "vitest";
import { createLog } from "../../../src/node/base/log.ts";
import { upgradeLog } from "../../../src/node/files/upgrade-log.ts";

it("an upgrade is told at its beginning, every five seconds, and at its end", () => {
  let now = 1_000;
  const lines: string[] = [];
  const log = createLog("test", "info", (line) => {
    const { msg, changes } = JSON.parse(line);
    lines.push(`${msg}: ${changes}`);
  });
  const { report } = upgradeLog(log, () => now);
  const step = { layout: 6, step: "an index is written" };
  report({ ...step, state: "begins", changes: 0 });
  for (let batch = 1; batch <= 110; batch++) {
    now += 100;
    report({ ...step, state: "runs", changes: 10 * batch });
  }
  report({ ...step, state: "is done", changes: 1_100 });
  expect(lines).toEqual([
    "the store's upgrade to layout 6 begins: 0",
    "the store's upgrade to layout 6 runs: 500",
    "the store's upgrade to layout 6 runs: 1000",
    "the store's upgrade to layout 6 is done: 1100",
  ]);
});
