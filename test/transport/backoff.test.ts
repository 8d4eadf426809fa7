/** The pause between two attempts to reach a peer, and the effect of a call from that peer. */
import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/transport/backoff.ts";

const [MIN_MS, MAX_MS] = [50, 2_000];

/** Time advances when the test says so. */
function createWorld() {
  let now = 0;
  const waiting = new Map<() => void, number>();
  const timers = {
    after: (delayMs: number, action: () => void) => {
      waiting.set(action, now + delayMs);
      return () => waiting.delete(action);
    },
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 1;
      for (const [action, at] of [...waiting]) {
        if (at > now) continue;
        waiting.delete(action);
        action();
      }
      await settle();
    }
  };
  const pause = new Backoff({ minMs: MIN_MS, maxMs: MAX_MS }, timers);
  const end = new AbortController();
  const attempts: number[] = [];
  /** Attempts that fail at once, one after the other. */
  const run = async () => {
    while (!end.signal.aborted) {
      attempts.push(now);
      await pause.wait(end.signal);
    }
  };
  return { pause, end, attempts, waiting, pass, settle, run, now: () => now };
}

describe("a growing pause", () => {
  it("doubles up to the longest", async () => {
    const { run, pass, attempts } = createWorld();
    void run();
    await pass(7_200);
    expect(attempts).toEqual([0, 50, 150, 350, 750, 1_550, 3_150, 5_150, 7_150]);
  });

  it("ends when the peer is heard from, and begins anew", async () => {
    const { pause, run, pass, settle, attempts, now } = createWorld();
    void run();
    await pass(5_500);
    const before = attempts.length;
    pause.hurry();
    await settle();
    expect(attempts.slice(before)).toEqual([now()]);
    await pass(400);
    expect(attempts.slice(before).map((at) => at - 5_500)).toEqual([0, 50, 150, 350]);
  });

  it("is the shortest after an attempt during which the peer was heard from", async () => {
    const { pause, end, run, pass, attempts, waiting } = createWorld();
    void run();
    await pass(5_500);
    end.abort();
    pause.hurry();
    void pause.wait(new AbortController().signal);
    await pass(MIN_MS - 1);
    expect(waiting.size).toBe(1);
    await pass(1);
    expect(waiting.size).toBe(0);
    expect(attempts.at(-1)).toBe(5_150);
  });

  it("lets a peer that calls without end cause few attempts more than one that is silent", async () => {
    const { pause, run, pass, attempts } = createWorld();
    void run();
    const seconds = 60;
    for (let ms = 0; ms < seconds * 1_000; ms++) {
      await pass(1);
      for (let call = 0; call < 5; call++) pause.hurry();
    }
    expect(attempts.length).toBeGreaterThan((seconds * 1_000) / MAX_MS);
    expect(attempts.length).toBeLessThan((4 * seconds * 1_000) / MAX_MS);
  });

  it("counts the next call again once a connection has lasted", async () => {
    const { pause, run, pass, settle, attempts, now } = createWorld();
    void run();
    await pass(5_500);
    pause.hurry();
    await settle();
    pause.restart();
    await pass(1_000);
    pause.hurry();
    await settle();
    expect(attempts.at(-1)).toBe(now());
  });

  it("ends at once with what it is for", async () => {
    const { end, run, settle, waiting, attempts } = createWorld();
    const running = run();
    end.abort();
    await running;
    await settle();
    expect(waiting.size).toBe(0);
    expect(attempts).toEqual([0]);
  });
});
