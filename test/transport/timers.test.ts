import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import {
  boundDuration,
  pause,
  realTimers,
  startInterval,
  startPause,
  startTimer,
} from "../../src/transport/timers.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway.close());

describe("a timer", () => {
  test.each([Number.NaN, -1, 2 ** 31, Number.POSITIVE_INFINITY])("is never given %d ms", (ms) => {
    expect(() => startTimer(ms, () => undefined)).toThrow("a timer takes");
    expect(() => startInterval(ms, () => undefined)).toThrow("a timer takes");
  });

  test("takes every duration that was bounded, the longest as the longest", () => {
    vi.useFakeTimers();
    try {
      let fired = 0;
      for (const ms of [2 ** 31 - 1, 2 ** 31, 1e308, Number.POSITIVE_INFINITY]) {
        expect(boundDuration(ms)).toBe(LIMITS.timerMsMax);
        startTimer(boundDuration(ms), () => {
          fired += 1;
        });
      }
      vi.advanceTimersByTime(LIMITS.timerMsMax - 1);
      expect(fired).toBe(0);
      vi.advanceTimersByTime(1);
      expect(fired).toBe(4);
    } finally {
      vi.useRealTimers();
    }
    expect(boundDuration(-5)).toBe(0);
    expect(() => boundDuration(Number.NaN)).toThrow(RangeError);
  });

  test("of a pause ends with its signal, at once if that was aborted before", async () => {
    const running = new Set<() => void>();
    const timers = {
      after: (_: number, action: () => void) => {
        running.add(action);
        return () => running.delete(action);
      },
    };
    const end = new AbortController();
    const cut = startPause(timers, 60_000, end.signal);
    const whole = startPause(timers, 60_000);
    end.abort();
    expect(await cut.over).toBe(false);
    expect(await startPause(timers, 60_000, end.signal).over).toBe(false);
    expect(running.size).toBe(1);
    for (const action of running) action();
    expect(await whole.over).toBe(true);
    await pause(realTimers, 1, new AbortController().signal);
  });
});

describe("a client that waits for very long", () => {
  const MONTH_MS = 30 * 86_400_000;

  test.each([MONTH_MS, 2 ** 31, Number.POSITIVE_INFINITY])(
    "waits %d ms at most, and not none",
    async (timeoutMs) => {
      const { url: baseUrl, ca } = gateway;
      gateway.ledger.answer = async () => {
        await pause(realTimers, 50);
        return new Refusal("UNKNOWN_WALLET", { message: "there is none" });
      };
      const byDefault = createGatewayClient({ baseUrl, ca, timeoutMs });
      const byCall = createGatewayClient({ baseUrl, ca });
      const both = await Promise.allSettled([
        byDefault.calls.getWallet({ id: walletA }),
        byCall.calls.getWallet({ id: walletA }, { timeoutMs }),
      ]);
      const refused = { status: "rejected", reason: { code: Code.NotFound } };
      expect(both).toMatchObject([refused, refused]);
      byDefault.close();
      byCall.close();
    },
  );
});
