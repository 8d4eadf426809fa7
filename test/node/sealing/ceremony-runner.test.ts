/** A node whose state may be an old one, as after a start without its store, submits no step of the ceremony (K10). */
import { expect, it } from "vitest";
import { realSystem } from "../../../src/node/base/system.ts";
import { CeremonyKeys } from "../../../src/node/sealing/ceremony-keys.ts";
import { CeremonyRunner } from "../../../src/node/sealing/ceremony-runner.ts";
import { type Height, height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { CREATED_AT, createNetwork, keyOf, start } from "../../ledger/fixture.ts";
import { suite } from "../../seal/fixture.ts";

/** The member that opens the first attempt, in the state after the genesis. Timers fire only in `pass`. */
function opener() {
  const network = createNetwork();
  const submitted: string[] = [];
  const reads: (() => void)[] = [];
  let isReadSlow = false;
  let timer: (() => void) | undefined;
  const runner = new CeremonyRunner({
    context: network.context,
    suite,
    self: validatorIndex(0),
    identity: network.identities[0] ?? keyOf("never"),
    keys: new CeremonyKeys({
      has: () => {
        const read = Promise.withResolvers<boolean>();
        reads.push(() => read.resolve(false));
        if (!isReadSlow) reads.pop()?.();
        return read.promise;
      },
      load: () => Promise.reject(new Error("it holds no key")),
      save: () => Promise.reject(new Error("it owes no step with a key")),
      destroy: () => Promise.resolve(),
    }),
    system: {
      ...realSystem,
      wall: () => CREATED_AT,
      after: (_delayMs, action) => {
        timer = action;
        return () => {
          timer = undefined;
        };
      },
    },
    log: { debug: () => undefined, warn: () => undefined } as never,
    intake: {
      fromClient: ({ operation }) => {
        submitted.push(operation.kind);
        return Promise.resolve({ kind: "admitted" });
      },
    },
    fail: (error) => expect.fail(`${error}`),
  });
  /** The next look of the runner, to its end. */
  const pass = async () => {
    timer?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const state = start(network);
  const slowReads = () => {
    isReadSlow = true;
    return () => {
      isReadSlow = false;
      for (const end of reads.splice(0)) end();
    };
  };
  return { runner, submitted, pass, slowReads, at: (at: Height) => ({ ...state, height: at }) };
}

it("K10: opens the first attempt if no peer knows a final block", async () => {
  const { runner, submitted, pass, at } = opener();
  runner.start(height(0));
  runner.observe(at(height(0)));
  await pass();
  expect(submitted).toEqual(["ceremonyOpen"]);
});

it("K10: opens none before it has executed the blocks that peers proved to be final", async () => {
  const { runner, submitted, pass, at } = opener();
  runner.observe(at(height(0)));
  await pass();
  runner.start(height(9));
  await pass();
  runner.observe(at(height(8)));
  await pass();
  expect(submitted).toEqual([]);
  runner.observe(at(height(9)));
  await pass();
  expect(submitted).toEqual(["ceremonyOpen"]);
});

it("K10: a look that began before the node had caught up does not act on the state of then", async () => {
  const { runner, submitted, pass, slowReads, at } = opener();
  const endReads = slowReads();
  runner.start(height(9));
  runner.observe(at(height(8)));
  await pass();
  const caughtUp = at(height(9));
  // The key is there meanwhile: nothing of it but its kind is looked at.
  const ceremony = { ...caughtUp.ceremony, kind: "final" } as never;
  runner.observe({ ...caughtUp, ceremony });
  endReads();
  await pass();
  await pass();
  expect(submitted).toEqual([]);
});
