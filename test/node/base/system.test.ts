// The machine's clocks and timers as a node sees them.
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realSystem } from "../../../src/node/base/system.ts";

const DAY_MS = 86_400_000;

describe("a wait", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 30, 24, 25, 400])("of %i days ends when they are over, not sooner", (days) => {
    let isOver = false;
    realSystem.after(days * DAY_MS, () => {
      isOver = true;
    });
    vi.advanceTimersByTime(days * DAY_MS - 1);
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isOver).toBe(true);
  });

  it("that is longer than a timer can be is cancelled in any part of it", () => {
    let isOver = false;
    const cancel = realSystem.after(100 * DAY_MS, () => {
      isOver = true;
    });
    vi.advanceTimersByTime(60 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(isOver).toBe(false);
  });
});

describe("the monotonic clock", () => {
  it("does not move when the wall clock is set", () => {
    const before = realSystem.monotonic();
    const now = Date.now;
    Date.now = () => now() + DAY_MS;
    try {
      expect(realSystem.wall() - now()).toBeGreaterThan(DAY_MS - 1_000);
      expect(realSystem.monotonic() - before).toBeLessThan(DAY_MS / 2);
    } finally {
      Date.now = now;
    }
  });

  it("shows one time in all threads: the seal engine names deadlines to the main one", async () => {
    const path = new URL("../../../src/node/base/system.ts", import.meta.url).href;
    const code = `import { parentPort } from "node:worker_threads";
      const { realSystem } = await import(${JSON.stringify(path)});
      parentPort.postMessage(realSystem.monotonic());`;
    const before = realSystem.monotonic();
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const theirs = await new Promise<number>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
    });
    await worker.terminate();
    expect(theirs).toBeGreaterThanOrEqual(before);
    expect(theirs).toBeLessThanOrEqual(realSystem.monotonic());
  });
});
