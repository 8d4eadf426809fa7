import { describe, expect, it } from "vitest";
import { withCallDeadline } from "../../../src/node/clients/call-deadline.ts";

/** A clock that stands still, with one timer. */
function createSystem() {
  const timer: { delayMs?: number; action?: () => void; cancelled: boolean } = { cancelled: false };
  const system = {
    after: (delayMs: number, action: () => void) => {
      Object.assign(timer, { delayMs, action });
      return () => {
        timer.cancelled = true;
      };
    },
    entropy: (length: number) => new Uint8Array(length),
  };
  return { system, timer };
}

function aborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("aborted");
    signal.addEventListener("abort", () => resolve("aborted"));
  });
}

const call = (timeLeftMs?: number) => ({ signal: new AbortController().signal, timeLeftMs });

describe("the deadline of a call", () => {
  it.each([
    { timeLeftMs: 100, waits: 80 },
    { timeLeftMs: 1_500, waits: 1_300 },
    { timeLeftMs: 10_000, waits: 9_000 },
    { timeLeftMs: 30_000, waits: 28_000 },
    { timeLeftMs: undefined, waits: 30_000 },
    { timeLeftMs: 86_400_000, waits: 30_000 },
  ])("is $waits ms with $timeLeftMs ms left: the answer needs time too", async (item) => {
    const { system, timer } = createSystem();
    await withCallDeadline(system, call(item.timeLeftMs), () => Promise.resolve());
    expect(timer.delayMs).toBe(item.waits);
  });

  it("ends with its time", async () => {
    const { system, timer } = createSystem();
    const answer = withCallDeadline(system, call(10_000), aborted);
    timer.action?.();
    expect(await answer).toBe("aborted");
  });

  it("ends when the caller goes away, or is gone already", async () => {
    const { system, timer } = createSystem();
    const caller = new AbortController();
    const answer = withCallDeadline(system, { signal: caller.signal, timeLeftMs: 1_000 }, aborted);
    caller.abort();
    expect(await answer).toBe("aborted");
    expect(timer.cancelled).toBe(true);
    const gone = withCallDeadline(system, { signal: caller.signal, timeLeftMs: 1_000 }, aborted);
    expect(await gone).toBe("aborted");
  });

  it("leaves nothing behind after an answer, good or bad: every wait is over", async () => {
    const { system, timer } = createSystem();
    let rest: Promise<"aborted"> | undefined;
    const answer = withCallDeadline(system, call(1_000), (signal) => {
      rest = aborted(signal);
      return Promise.reject(new Error("broken"));
    });
    await expect(answer).rejects.toThrow("broken");
    expect(await rest).toBe("aborted");
    expect(timer.cancelled).toBe(true);
  });
});
