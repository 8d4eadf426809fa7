import { describe, expect, it } from "vitest";
import { assembleBlock, type Block, encodeHeader } from "../../../src/primitives/block.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { leafHash, merkleRoot } from "../../../src/primitives/merkle-tree.ts";
import { height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import type { FetchedBlock, FetchedBlocks } from "../../../src/transport/peer-api.ts";
import { creation, keyOf, transfer } from "../../ledger/fixture.ts";
import { Chain, genesisBlock } from "../chain.ts";
import {
  chain,
  follower,
  holding,
  honest,
  lying,
  network,
  type Peer,
  request,
  until,
} from "./follower.ts";

const otherBody = transfer(network, { from: "alice", to: "bob", amount: 99n }).bytes;

/** A finalization of the answer's last block by a quorum; `change` applies before or after. */
function finalizationOf(answer: FetchedBlocks, back = 0) {
  const last = answer.blocks.at(-1)?.header;
  const place = chain.blocks.findIndex(({ headerBytes }) => headerBytes === last);
  return chain.finalization(place + 1 - back);
}

/** The same blocks with other values in their headers. */
function withHeaders(answer: FetchedBlocks, change: (block: Block, place: number) => Block) {
  const blocks = answer.blocks.map((fetched, place): FetchedBlock => {
    const block = chain.blocks.find(({ headerBytes }) => headerBytes === fetched.header);
    if (block === undefined) throw new Error("no such block");
    return { ...fetched, header: encodeHeader(change(block, place).header) };
  });
  return { ...answer, blocks };
}

/** The outcome of one answer, and the log about it. */
const LIARS: Readonly<Record<string, { readonly peer: Peer; readonly lie: string }>> = {
  "shows a finalization that a quorum did not sign": {
    peer: lying((answer) => {
      const { subject } = finalizationOf(answer);
      const strangers = ["x", "y", "z"].map(keyOf);
      const forged = chain.finalization(subject.height, strangers);
      return { ...answer, finalization: encodeCertificate(forged) };
    }),
    lie: "no quorum signed",
  },
  "shows the finalization of another block": {
    peer: lying((answer) => ({
      ...answer,
      finalization: encodeCertificate(finalizationOf(answer, 1)),
    })),
    lie: "no finalization of its block",
  },
  "shows a finalization of another view": {
    peer: lying((answer) => {
      const { subject, signatures } = finalizationOf(answer);
      const other = { ...subject, view: view(subject.view + 1) };
      return { ...answer, finalization: encodeCertificate({ subject: other, signatures }) };
    }),
    lie: "no finalization of its block",
  },
  "shows a notarization instead": {
    peer: lying((answer) => {
      const { subject, signatures } = finalizationOf(answer);
      const other = { ...subject, kind: "notarize" } as const;
      return { ...answer, finalization: encodeCertificate({ subject: other, signatures }) };
    }),
    lie: "no finalization of its block",
  },
  "shows a certificate that is cut off": {
    peer: lying((answer) => ({ ...answer, finalization: answer.finalization?.subarray(0, 40) })),
    lie: "cannot be decoded",
  },
  "changes a body": {
    peer: lying((answer) => ({
      ...answer,
      blocks: answer.blocks.map((block) => ({ ...block, operations: [otherBody] })),
    })),
    lie: "does not match its header",
  },
  "leaves a body out": {
    peer: lying((answer) => ({
      ...answer,
      blocks: answer.blocks.map(({ header }) => ({ header, operations: [] })),
    })),
    lie: "does not match its header",
  },
  "leaves a block out": {
    peer: lying((answer) => ({ ...answer, blocks: answer.blocks.filter((_, i) => i !== 3) })),
    lie: "another height",
  },
  "sends other blocks than those asked for": {
    peer: lying((answer) => ({ ...answer, blocks: answer.blocks.slice(1) })),
    lie: "another height",
  },
  "sends more blocks than asked for": {
    peer: (query) => honest({ ...query, count: query.count + 1 }),
    lie: "more blocks than",
  },
  "sends headers that cannot be decoded": {
    peer: lying((answer) => ({
      ...answer,
      blocks: answer.blocks.map((block) => ({ ...block, header: block.header.subarray(0, 99) })),
    })),
    lie: "cannot be decoded",
  },
  "sends headers of another network": {
    peer: lying((answer) =>
      withHeaders(answer, (block) => ({
        ...block,
        header: { ...block.header, networkId: new Uint8Array(32).fill(9) },
      })),
    ),
    lie: "another network",
  },
  "sends headers that do not link": {
    peer: lying((answer) =>
      withHeaders(answer, (block, place) => ({
        ...block,
        header: { ...block.header, proposer: validatorIndex(place % 3) },
      })),
    ),
    lie: "no child of the one before",
  },
};

/** A peer that invents blocks of any size, each the child of the one before. */
function endlessChain() {
  const operations = Array.from({ length: 8 }, () => new Uint8Array(LIMITS.operationBytesMax));
  const { hash } = network.context;
  const operationsRoot = merkleRoot(
    hash,
    operations.map((operation) => leafHash(hash, operation)),
  );
  let sentBytes = 0;
  let { header: below, hash: parentHash } = genesisBlock(network);
  const peer: Peer = ({ count }) => {
    const blocks = Array.from({ length: Math.min(15, count) }, () => {
      const at = height(below.height + 1);
      const header = { ...below, height: at, parentHash, operationCount: 8, operationsRoot };
      const block = assembleBlock(hash, header, operations);
      sentBytes += 8 * LIMITS.operationBytesMax;
      below = header;
      parentHash = block.hash;
      return { header: block.headerBytes, operations };
    });
    return { blocks, finalHeight: height(1_000_000) };
  };
  return { peer, sentBytes: () => sentBytes };
}

/** Wrong answers that are not provably a lie. */
const USELESS: Readonly<Record<string, Peer>> = {
  "is silent": () => undefined,
  "has nothing": lying(() => ({ blocks: [], finalHeight: height(9_999) })),
  "keeps finalizations back": lying((answer) => ({ ...answer, finalization: undefined })),
  "gives one block at a time": (query) => honest({ ...query, count: 1 }),
  "lags far behind": (query) => {
    const { start } = query;
    const isAbove = start.kind === "height" && start.height > 40;
    return isAbove
      ? { blocks: [], finalHeight: height(40) }
      : honest({ ...query, count: start.kind === "height" ? 41 - start.height : query.count });
  },
};

describe("R30: far behind, a node", () => {
  it("fetches ranges in batches, each under its own finalization, and tells the core", async () => {
    const node = await follower(honest);
    node.catchUp.request(request(150));
    await node.done;
    const tips = node.inputs.map((input) => input.kind === "caughtUp" && input.final.header.height);
    expect(tips).toEqual([64, 128, 150]);
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.application.finalTip.hash).toEqual(chain.blocks.at(-1)?.hash);
    expect(node.finalizer.committed.state.wallets.root()).toEqual(
      chain.executed.at(-1)?.execution.state.wallets.root(),
    );
    expect(node.failures).toEqual([]);
  });

  it("asks its peers for different blocks at the same time, one question to each", async () => {
    const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = answers.map(
      ({ promise }): Peer =>
        async (query) => {
          await promise;
          return honest(query);
        },
    );
    const node = await follower(...held);
    node.catchUp.request(request(150));
    await until(() => node.asked.length === 2);
    expect(node.asked.map(({ peer, query }) => [peer, query.start])).toEqual([
      [1, { kind: "height", height: 1 }],
      [2, { kind: "height", height: 65 }],
    ]);
    // The upper range arrives first; it is kept until the lower one arrives.
    answers[1]?.resolve();
    await until(() => node.asked.length === 3);
    expect(node.application.finalTip.height).toBe(0);
    answers[0]?.resolve();
    await node.done;
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.asked).toHaveLength(3);
  });

  it.each(Object.entries(LIARS))(
    "finds out one that %s, logs the evidence, leaves it, and asks another",
    async (_, { peer, lie }) => {
      const node = await follower(peer, honest);
      node.catchUp.request(request(150));
      await node.done;
      expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
      expect(node.asked.filter((one) => one.peer === 1)).toHaveLength(1);
      expect(node.lies).toEqual([
        {
          peer: 1,
          from: 1,
          lie: expect.stringContaining(lie),
          bytes: expect.stringMatching(/^[0-9a-f]+$/),
        },
      ]);
      expect(node.failures).toEqual([]);
    },
  );

  it.each(Object.entries(USELESS))("reaches the target all the same if one %s", async (_, peer) => {
    const node = await follower(peer, honest);
    node.catchUp.request(request(150));
    await node.done;
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.asked[0]?.peer).toBe(1);
    expect(node.lies).toEqual([]);
    expect(node.failures).toEqual([]);
  });

  it("asks whom it has left only after the others next time", async () => {
    const liar = LIARS["changes a body"]?.peer ?? honest;
    const node = await follower(liar, honest);
    node.catchUp.request(request(150, { peers: [validatorIndex(1)] }));
    await until(() => node.lies.length === 1);
    await until(() => {
      node.catchUp.request(request(150));
      return node.asked.length > 1;
    });
    await node.done;
    expect(node.asked[1]?.peer).toBe(2);
  });

  it("waits a second for one that is frozen, and takes the same blocks from another", async () => {
    const never = new Promise<undefined>(() => undefined);
    const node = await follower(() => never, honest);
    node.catchUp.request(request(150));
    // Everything above the first range is fetched meanwhile, and kept.
    await until(() => node.asked.length === 3);
    expect(node.application.finalTip.height).toBe(0);
    for (const action of [...node.patience.keys()]) action();
    await node.done;
    expect(node.asked.filter(({ peer }) => peer === 1)).toHaveLength(1);
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.failures).toEqual([]);
  });

  it("fetches more blocks than a range holds that became final all at once", async () => {
    const node = await follower(holding((at) => at === 150));
    node.catchUp.request(request(150, { peers: [validatorIndex(1)] }));
    await node.done;
    expect(node.asked.map(({ query }) => query.start)).toEqual([
      { kind: "height", height: 1 },
      { kind: "height", height: 65 },
      { kind: "height", height: 129 },
    ]);
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.failures).toEqual([]);
  });

  it("takes the finalizations that a node which caught up from another height keeps", async () => {
    const kept = [10, 74, 138, 150];
    const node = await follower(
      holding((at) => kept.includes(at)),
      holding((at) => kept.includes(at)),
    );
    node.catchUp.request(request(150));
    await node.done;
    expect(await node.store.blocks.loadTip()).toMatchObject({ height: 150 });
    expect(node.lies).toEqual([]);
    expect(node.failures).toEqual([]);
  });

  it("holds no more of a chain without a finalization than it may, and leaves who sends it", async () => {
    const endless = endlessChain();
    const node = await follower(endless.peer);
    const { subject, signatures } = chain.finalization(150);
    const certificate = { subject: { ...subject, height: height(1_000_000) }, signatures };
    node.catchUp.request(request(150, { certificate, peers: [validatorIndex(1)] }));
    await until(() => node.lies.length === 1);
    expect(node.lies[0]?.lie).toContain("without end");
    expect(endless.sentBytes()).toBeLessThan(
      LIMITS.unprovenBytesMax / 2 + LIMITS.peerMessageBytesMax,
    );
    expect(node.application.finalTip.height).toBe(0);
    expect(node.failures).toEqual([]);
  });

  it("keeps what held of a peer that then falls silent, and goes on when asked again", async () => {
    let answers = 0;
    const fickle: Peer = (query) => {
      answers += 1;
      return answers === 1 ? honest(query) : undefined;
    };
    const node = await follower(fickle, honest);
    node.catchUp.request(request(150, { peers: [validatorIndex(1)] }));
    await until(() => node.inputs.length === 1 && node.asked.length === 2);
    expect(node.application.finalTip.height).toBe(64);
    const again = { above: height(64), peers: [validatorIndex(2)] };
    await until(() => {
      node.catchUp.request(request(150, again));
      return node.inputs.length > 1;
    });
    await node.done;
    expect(node.failures).toEqual([]);
  });

  it("stops loudly if two finalized blocks of one height differ: too many are faulty", async () => {
    const node = await follower(honest);
    const fork = new Chain(network);
    fork.add(creation(network, { name: "carol" }));
    node.finalizer.take(fork.blocks, fork.finalization(1));
    node.catchUp.request(request(150, { above: height(1), peers: [validatorIndex(1)] }));
    await until(() => node.failures.length > 0);
    expect(String(node.failures[0])).toContain("child of the last");
  });

  it("asks for nothing more once it is stopped", async () => {
    const node = await follower(honest);
    node.catchUp.stop();
    node.catchUp.request(request(150));
    await new Promise(setImmediate);
    expect(node.asked).toEqual([]);
  });
});
