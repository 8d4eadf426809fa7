import { describe, expect, it } from "vitest";
import { height } from "../../../src/primitives/numbers.ts";
import type { FetchedBlocks } from "../../../src/transport/peer-api.ts";
import { transfer } from "../../ledger/fixture.ts";
import { follower, honest, lying, network, type Peer, request, until } from "./follower.ts";

const otherBody = transfer(network, { from: "alice", to: "bob", amount: 99n }).bytes;

const LIARS: Record<string, Peer> = {
  "is silent": () => undefined,
  "has nothing": lying(() => ({ blocks: [], finalHeight: height(9_999) })),
  "changes a body": lying((answer) => ({
    ...answer,
    blocks: answer.blocks.map((block) => ({ ...block, operations: [otherBody] })),
  })),
  "sends headers that cannot be decoded": lying((answer) => ({
    ...answer,
    blocks: answer.blocks.map((block) => ({ ...block, header: new Uint8Array(7) })),
  })),
};

describe("near the tip, a node", () => {
  it("fetches what the core misses by hash, with its ancestors", async () => {
    const node = await follower(honest);
    node.catchUp.request(request(20));
    await node.done;
    const [input] = node.inputs;
    if (input?.kind !== "fetched") expect.fail(`${input?.kind}`);
    const heights = input.blocks.map(({ header }) => header.height);
    expect(heights.toSorted((left, right) => left - right)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it.each(["is silent", "has nothing", "changes a body", "sends headers that cannot be decoded"])(
    "takes the block from the next peer if one %s",
    async (name) => {
      const node = await follower(LIARS[name] ?? honest, honest);
      node.catchUp.request(request(4));
      await node.done;
      expect(node.asked.map(({ peer }) => peer)).toEqual([1, 2]);
    },
  );

  it("waits for no peer that is slow, asks it nothing twice meanwhile, and takes its answer at last", async () => {
    const late = Promise.withResolvers<FetchedBlocks>();
    const node = await follower(
      () => late.promise,
      lying(() => ({ blocks: [], finalHeight: height(9) })),
    );
    const endPatience = () => {
      for (const action of node.patience.keys()) action();
    };
    node.catchUp.request(request(4));
    await until(() => node.asked.length === 1);
    endPatience();
    await until(() => node.asked.length === 2);
    await until(() => {
      if (node.asked.length === 4) return true;
      node.catchUp.request(request(4));
      return false;
    });
    expect(node.asked.map(({ peer }) => peer)).toEqual([1, 2, 2, 2]);
    late.resolve(
      honest({
        start: { kind: "hash", hash: request(4).hash, above: height(0) },
        count: 4,
        headersOnly: false,
      }),
    );
    await node.done;
    expect(node.inputs.map(({ kind }) => kind)).toEqual(["fetched"]);
    expect(node.failures).toEqual([]);
  });

  it("does not begin to fetch ranges by a peer's claim to be far ahead: only a finalization shows that", async () => {
    const boaster = lying((answer) => ({ ...answer, finalHeight: height(1_000_000) }));
    const node = await follower(boaster);
    node.catchUp.request(request(20));
    await node.done;
    expect(node.asked.map(({ query }) => query.start.kind)).toEqual(["hash"]);
  });

  it("asks once for one hash, however often the core asks meanwhile", async () => {
    const node = await follower(honest);
    for (let i = 0; i < 5; i++) node.catchUp.request(request(20));
    await node.done;
    expect(node.asked).toHaveLength(1);
  });
});
