/** A link that ends takes along what waited for its member's rate: a member leaves nothing behind that it has not paid for. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Core } from "../../../src/consensus/core.ts";
import { encodeMessage } from "../../../src/consensus/message.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { LinkReceiver } from "../../../src/node/peers/link-receiver.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { epoch, height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { createNetwork } from "../../ledger/fixture.ts";

const MEMBER = validatorIndex(1);
const LARGE = new Uint8Array(LIMITS.linkMessageBytesMax);

const unused = () => expect.fail("it is not asked for");
const NO_CORE: Core = {
  step: unused,
  block: unused,
  filter: unused,
  status: unused,
  entry: unused,
  finalization: unused,
  lacks: unused,
  standing: unused,
};

/** A receiver on a clock that stands still, and what came through it. */
function receiver() {
  const timers = new Set<() => void>();
  let [heard, sealed] = [0, 0];
  const core: Core = {
    ...NO_CORE,
    filter: () => {
      heard += 1;
      return { kind: "known" };
    },
  };
  const links = new LinkReceiver({
    context: createNetwork().context,
    epoch: epoch(1),
    consensus: {
      core,
      push: () => expect.fail("nothing was said that is new"),
    },
    inbox: { add: () => undefined },
    seals: {
      received: () => {
        sealed += 1;
      },
    },
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
  return { links, timers, heard: () => heard, sealed: () => sealed };
}

const question = encodeMessage({
  kind: "question",
  epoch: epoch(1),
  from: view(1),
  to: view(2),
  block: undefined,
});
const empty = { operations: [], consensusMessages: [], seals: [] };
const target = { kind: "header", epoch: epoch(1), height: height(1) } as const;
const seal = { kind: "notice", target, seal: new Uint8Array(64) } as const;

describe("T4: a link that ends", () => {
  it("leaves no message behind that its member has not paid for", async () => {
    const { links, timers } = receiver();
    const link = new AbortController();
    const batch = { ...empty, consensusMessages: [LARGE, LARGE, LARGE] };
    const received = links.receive(MEMBER, batch, link.signal);
    await setImmediate();
    expect(timers.size).toBe(1);
    link.abort();
    await received;
    expect(timers.size).toBe(0);
  });

  it("has the core hear nothing of the message that waited for its rate", async () => {
    const { links, timers, heard } = receiver();
    const link = new AbortController();
    await links.receive(MEMBER, { ...empty, consensusMessages: [question] }, link.signal);
    expect(heard()).toBe(1);
    const batch = { ...empty, consensusMessages: [LARGE, LARGE, question, question] };
    const received = links.receive(MEMBER, batch, link.signal);
    await setImmediate();
    // The second large one is above the rate already; so is what comes behind it.
    for (const due of [...timers]) due();
    await setImmediate();
    expect(timers.size).toBe(1);
    link.abort();
    await received;
    expect(heard()).toBe(1);
  });

  it("leaves no seal behind either", async () => {
    const { links, timers, sealed } = receiver();
    const link = new AbortController();
    const { burst } = LIMITS.sealsOfPeer;
    const batch = { ...empty, seals: Array.from({ length: burst + 5 }, () => seal) };
    const received = links.receive(MEMBER, batch, link.signal);
    while (timers.size === 0) await setImmediate();
    expect(sealed()).toBe(burst);
    link.abort();
    await received;
    expect(timers.size).toBe(0);
    expect(sealed()).toBe(burst);
  });
});
