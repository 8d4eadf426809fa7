/** Work in pieces: other work waits for no more than one piece. */
import { describe, expect, it } from "vitest";
import { Yielder } from "../../../src/node/base/yielding.ts";

/** True if waiting work had a turn before the work counted by `work` went on. */
async function letsOthersIn(turns: Yielder, work: number): Promise<boolean> {
  let hadTurn = false;
  const other = setImmediate(() => {
    hadTurn = true;
  });
  await turns.count(work);
  clearImmediate(other);
  return hadTurn;
}

describe("long work in pieces", () => {
  it("lets others in as soon as so much of it is counted, and not before", async () => {
    const turns = new Yielder(3);
    const seen: boolean[] = [];
    for (const work of [2, 1, 1, 1, 1, 7, 2, 2]) seen.push(await letsOthersIn(turns, work));
    expect(seen).toEqual([false, true, false, false, true, true, false, true]);
  });
});
