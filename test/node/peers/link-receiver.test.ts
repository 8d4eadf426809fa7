/** When a link ends, its messages that wait for the member's rate are dropped. */
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Core } from "../../../src/consensus/core.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { LinkReceiver } from "../../../src/node/peers/link-receiver.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { epoch, validatorIndex } from "../../../src/primitives/numbers.ts";
import { createNetwork } from "../../ledger/fixture.ts";

it("T4: leaves no message behind that its member has not paid for", async () => {
  const timers = new Set<() => void>();
  const receiver = new LinkReceiver({
    context: createNetwork().context,
    epoch: epoch(1),
    // Bytes that do not decode reach neither the core nor the seals.
    consensus: { core: {} as Core, push: () => expect.fail("nothing was said") },
    inbox: { add: () => undefined },
    seals: { received: () => undefined },
    checker: inlineChecker,
    witness: { sawMessage: () => undefined },
    system: {
      monotonic: () => 0,
      wall: () => 0,
      entropy: (length) => new Uint8Array(length),
      after: (_, action) => {
        timers.add(action);
        return () => timers.delete(action);
      },
    },
  });
  const link = new AbortController();
  const large = new Uint8Array(LIMITS.linkMessageBytesMax);
  const batch = { operations: [], consensusMessages: [large, large, large], seals: [] };
  const received = receiver.receive(validatorIndex(1), batch, link.signal);
  await setImmediate();
  expect(timers.size).toBe(1);
  link.abort();
  await received;
  expect(timers.size).toBe(0);
});
