import { Writable } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { ProgressLine } from "../../src/cli/progress.ts";
import { createTerminal, openOutputs } from "../../src/cli/terminal.ts";

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

it("beside an answer line by line, shows itself on a terminal alone, and not where the lines go", () => {
  const stream = (isTTY: boolean) =>
    Object.assign(new Writable({ write: () => undefined }), { isTTY });
  const isShown = (stdout: boolean, stderr: boolean) => {
    const outputs = openOutputs({ stdout: stream(stdout), stderr: stream(stderr) });
    return createTerminal(false, outputs).progressBeside("lines") !== undefined;
  };
  expect([isShown(false, true), isShown(true, true), isShown(false, false)]).toEqual([
    true,
    false,
    false,
  ]);
});
