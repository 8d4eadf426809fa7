/** T9: calls that come together leave turns to what else waits for the thread. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { CallTurns } from "../../src/transport/call-turns.ts";
import { Refusal } from "../../src/transport/refusal.ts";

async function begin(turns: CallTurns, caller: string): Promise<void> {
  const turn = turns.begin(caller);
  if (turn instanceof Refusal) expect.fail(turn.message);
  await turn;
}

it("T9: calls begin in the order they came, a few in each turn of the event loop", async () => {
  const turns = new CallTurns({ perTurn: 3, waitingPerCallerMax: 100 });
  const begun: number[] = [];
  const all = Array.from({ length: 10 }, async (_, call) => {
    await begin(turns, "a");
    begun.push(call);
  });
  await Promise.resolve();
  await Promise.resolve();
  const seen: number[] = [];
  while (begun.length < 10) {
    seen.push(begun.length);
    await nextTurn();
  }
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const [turn, count] of seen.entries()) {
    expect(count - (seen[turn - 1] ?? 0)).toBeLessThanOrEqual(3);
  }
});

it("a call that comes alone begins at once, however many came before", async () => {
  const turns = new CallTurns({ perTurn: 2, waitingPerCallerMax: 100 });
  for (let call = 0; call < 20; call++) {
    let hasBegun = false;
    void begin(turns, "a").then(() => {
      hasBegun = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(hasBegun).toBe(true);
    await nextTurn();
  }
});

it("T9: a caller's call waits for one call of each other caller, not for all of another's", async () => {
  const turns = new CallTurns({ perTurn: 2, waitingPerCallerMax: 100 });
  const begun: string[] = [];
  const call = (caller: string) => begin(turns, caller).then(() => begun.push(caller));
  const all = [...Array.from({ length: 50 }, () => call("flooder")), call("other"), call("third")];
  while (!begun.includes("third")) await nextTurn();
  expect(begun.length).toBeLessThanOrEqual(2 + 4);
  await Promise.all(all);
  expect(begun.filter((caller) => caller === "flooder")).toHaveLength(50);
});

it("T9: beyond the calls that may wait a caller is refused with the time to come again, and others are not", async () => {
  const turns = new CallTurns({ perTurn: 1, waitingPerCallerMax: 10 });
  const flood = Array.from({ length: 1 + 10 }, () => begin(turns, "flooder"));
  const refusal = turns.begin("flooder");
  expect(refusal).toMatchObject({ reason: "TOO_MANY_REQUESTS", metadata: { retryAfterMs: "500" } });
  await begin(turns, "other");
  await Promise.all(flood);
  await nextTurn();
  await begin(turns, "flooder");
});
