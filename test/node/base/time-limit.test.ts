/** Waits with a limit of their own. patience.test.ts tests the waits of clients' calls. */
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { withTimeLimit } from "../../../src/node/base/time-limit.ts";

/** A clock whose timers fire when the test says so. */
function clock() {
  const timers = new Set<() => void>();
  const after = (_delayMs: number, action: () => void) => {
    timers.add(action);
    return () => timers.delete(action);
  };
  return { system: { after }, timers };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    signal.addEventListener("abort", () => resolve("over"), { once: true });
  });

describe("a wait with a limit", () => {
  it("ends by its clock if nothing ends it before", async () => {
    const { system, timers } = clock();
    const answer = withTimeLimit(system, 1_000, untilAborted);
    for (const goOff of timers) goOff();
    expect(await answer).toBe("over");
    expect(timers.size).toBe(0);
  });

  it("leaves nothing on a signal that outlives it, however it ends", async () => {
    const { system, timers } = clock();
    const outer = new AbortController();
    const waits = [
      withTimeLimit(system, 1_000, () => Promise.resolve("done"), outer.signal),
      withTimeLimit(system, 1_000, () => Promise.reject(new Error("broken")), outer.signal),
      withTimeLimit(system, 1_000, untilAborted, outer.signal),
    ];
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(3);
    await Promise.allSettled(waits.slice(0, 2));
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(1);
    expect(timers.size).toBe(1);
    for (const goOff of timers) goOff();
    expect(await waits[2]).toBe("over");
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(0);
  });
});
