/** A node whose state may be an old one, as after a start without its store, submits no step of the ceremony (K10). */
import { expect, it } from "vitest";
import { realSystem } from "../../../src/node/base/system.ts";
import { CeremonyKeys } from "../../../src/node/sealing/ceremony-keys.ts";
import { CeremonyRunner } from "../../../src/node/sealing/ceremony-runner.ts";
import { type Height, height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { CREATED_AT, createNetwork, keyOf, start } from "../../ledger/fixture.ts";
import { suite } from "../../seal/fixture.ts";

/** The member that opens the first attempt, in the state after the genesis. Timers fire only in `pass`. */
function opener() {
  const network = createNetwork();
  const position = { view: view(1), knownFinalHeight: height(0) };
  const submitted: string[] = [];
  let timer: (() => void) | undefined;
  const runner = new CeremonyRunner({
    context: network.context,
    suite,
    self: validatorIndex(0),
    identity: network.identities[0] ?? keyOf("never"),
    keys: new CeremonyKeys({
      has: () => Promise.resolve(false),
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
    core: { status: () => position },
    fail: (error) => expect.fail(`${error}`),
  });
  /** The next look of the runner, to its end. */
  const pass = async () => {
    timer?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const state = start(network);
  return { runner, position, submitted, pass, at: (at: Height) => ({ ...state, height: at }) };
}

it("K10: opens the first attempt if no peer is in a later view", async () => {
  const { runner, submitted, pass, at } = opener();
  runner.start(view(1));
  runner.observe(at(height(0)));
  await pass();
  expect(submitted).toEqual(["ceremonyOpen"]);
});

it("K10: opens none while blocks that are final elsewhere are missing here", async () => {
  const { runner, position, submitted, pass, at } = opener();
  runner.start(view(10));
  runner.observe(at(height(0)));
  for (let look = 0; look < 3; look++) await pass();
  position.view = view(10);
  position.knownFinalHeight = height(9);
  for (let look = 0; look < 3; look++) await pass();
  runner.observe(at(height(8)));
  await pass();
  expect(submitted).toEqual([]);
  runner.observe(at(height(9)));
  // Blocks that become final later are no reason to wait.
  position.knownFinalHeight = height(12);
  await pass();
  expect(submitted).toEqual(["ceremonyOpen"]);
});
