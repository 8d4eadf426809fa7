/** The level of a log can change while the log is written, also of one that is bounded. */
import { expect, it } from "vitest";
import { boundedLog, createLog, LogLevels } from "../../../src/node/base/log.ts";

it("a bounded log follows every change of the level, to more lines and to fewer", () => {
  const lines: string[] = [];
  const whole = createLog("node1", "info", (line) => lines.push(JSON.parse(line).msg));
  const levels = new LogLevels(whole, "info");
  const log = boundedLog(whole, () => 0);
  const say = (): void => {
    log.debug("debug");
    log.info("info");
    log.error({ field: 1 }, "error");
  };
  const said: string[][] = [];
  for (const level of ["info", "debug", "error", "silent", "debug"] as const) {
    if (level !== levels.current) levels.set(level);
    expect(levels.current).toBe(level);
    lines.length = 0;
    say();
    said.push([...lines]);
  }
  const all = ["debug", "info", "error"];
  expect(said).toEqual([["info", "error"], all, ["error"], [], all]);
});
