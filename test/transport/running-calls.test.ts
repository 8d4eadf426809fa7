// The signal of a call that a listener answers itself ends with its caller, its time and its listener, and with nothing else.
import { EventEmitter, getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { HttpResponse } from "../../src/transport/http-adapter.ts";
import { RunningCalls } from "../../src/transport/running-calls.ts";

const responseDouble = () => new EventEmitter().setMaxListeners(100) as EventEmitter & HttpResponse;

/** Settles with the reason when the signal aborts. */
function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

describe("a call that runs", () => {
  it("ends with its caller", async () => {
    const response = responseDouble();
    const calls = new RunningCalls(new AbortController().signal);
    const reason = calls.run(response, undefined, ({ signal, timeoutMs }) => {
      expect(timeoutMs()).toBeUndefined();
      response.emit("close");
      return untilAborted(signal);
    });
    expect(await reason).toMatchObject({ message: "the caller is gone" });
    expect(response.listenerCount("close")).toBe(0);
  });

  it.each([0, 5])("ends when its %i ms are over", async (timeLeftMs) => {
    const calls = new RunningCalls(new AbortController().signal);
    const reason = calls.run(responseDouble(), timeLeftMs, ({ signal, timeoutMs }) => {
      expect(timeoutMs()).toBeLessThanOrEqual(timeLeftMs);
      expect(signal.aborted).toBe(timeLeftMs === 0);
      return untilAborted(signal);
    });
    expect(await reason).toMatchObject({ rawMessage: "the operation timed out" });
  });

  it.each(["while it runs", "before it begins"])("ends with its listener, %s", async (when) => {
    const closing = new AbortController();
    const calls = new RunningCalls(closing.signal);
    if (when === "before it begins") closing.abort("closing");
    const reason = calls.run(responseDouble(), 60_000, ({ signal }) => {
      closing.abort("closing");
      return untilAborted(signal);
    });
    expect(await reason).toBe("closing");
  });

  it("leaves nothing behind, and the closing listener is told in one place for all calls", async () => {
    const closing = new AbortController();
    const calls = new RunningCalls(closing.signal);
    const response = responseDouble();
    const open = Promise.withResolvers<void>();
    const running = Array.from({ length: 50 }, () =>
      calls.run(response, 60_000, async ({ signal }) => {
        await open.promise;
        return signal;
      }),
    );
    expect(getEventListeners(closing.signal, "abort")).toHaveLength(1);
    open.resolve();
    const signals = await Promise.all(running);
    closing.abort("closing");
    response.emit("close");
    expect(signals.every(({ aborted }) => !aborted)).toBe(true);
  });
});
