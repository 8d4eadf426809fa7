/** T6: questions about snapshots are answered at their member's rate, and one that was given up is not answered at all. */
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import type { Committed } from "../../../src/node/execution/finalizer.ts";
import { SnapshotDesk } from "../../../src/node/sync/snapshot-desk.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { createNetwork } from "../../ledger/fixture.ts";

const MEMBER = validatorIndex(1);
const newest = { height: undefined, after: undefined };

it("T6: a question that its member gave up while it waited costs no look at the store", async () => {
  let looks = 0;
  const timers = new Set<() => void>();
  const desk = new SnapshotDesk({
    context: createNetwork().context,
    store: {
      blocks: {
        loadFinalization: async () => {
          looks += 1;
          return undefined;
        },
      } as never,
    },
    finalizer: { committed: { state: { height: height(1), epoch: FIRST_EPOCH } } as Committed },
    system: {
      monotonic: () => 0,
      after: (_, action) => {
        timers.add(action);
        return () => timers.delete(action);
      },
    },
  });
  const { burst } = LIMITS.snapshotAnswersOfPeer;
  for (let i = 0; i < burst; i++) await desk.serve(newest, MEMBER);
  expect(looks).toBe(burst);
  const call = new AbortController();
  const answer = desk.serve(newest, MEMBER, call.signal);
  await setImmediate();
  expect(timers.size).toBe(1);
  call.abort();
  expect(await answer).toMatchObject({ reason: "CANCELED" });
  expect([looks, timers.size]).toEqual([burst, 0]);
});
