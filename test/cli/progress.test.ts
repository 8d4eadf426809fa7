import { Writable } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { ProgressLine } from "../../src/cli/progress.ts";

afterEach(() => vi.restoreAllMocks());

it("counts to the whole and no further, however late the last comes", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  let told = "";
  const stream = new Writable({
    write: (chunk, _, done) => {
      told += chunk;
      done();
    },
  });
  const progress = new ProgressLine("seconds of payments", stream);
  for (const seconds of [5, 10, 17]) {
    now.mockReturnValue(seconds * 1000);
    progress.update(seconds, 10);
  }
  expect(told.trimEnd().split("\n")).toEqual([
    "seconds of payments: 5 of 10 (50 %), 5 s left",
    "seconds of payments: 10 of 10 (100 %), waiting for the last",
    "seconds of payments: 10 of 10 (100 %), waiting for the last",
  ]);
});
