/** T9: calls that come together leave turns to what else waits for the thread. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { CallTurns } from "../../src/transport/call-turns.ts";

it("T9: calls begin in the order they came, a few in each turn of the event loop", async () => {
  const turns = new CallTurns(3);
  const begun: number[] = [];
  const all = Array.from({ length: 10 }, async (_, call) => {
    await turns.begin();
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
  const turns = new CallTurns(2);
  for (let call = 0; call < 20; call++) {
    let hasBegun = false;
    void turns.begin().then(() => {
      hasBegun = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(hasBegun).toBe(true);
    await nextTurn();
  }
});
