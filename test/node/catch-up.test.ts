import { describe, expect, it } from "vitest";
import type { Input } from "../../src/consensus/input.ts";
import { JournalIndex } from "../../src/consensus/journal.ts";
import { genesisState } from "../../src/ledger/state.ts";
import { Pool } from "../../src/mempool/pool.ts";
import { WaitingRoom } from "../../src/mempool/waiting-room.ts";
import { CatchUp, type FetchRequest } from "../../src/node/catch-up.ts";
import { Finalizer } from "../../src/node/finalizer.ts";
import { createLog } from "../../src/node/log.ts";
import { inlineChecker } from "../../src/node/signature-checker.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { height, type ValidatorIndex, validatorIndex } from "../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../src/primitives/vote.ts";
import { openMemoryStore } from "../../src/storage/memory-store.ts";
import type { BlocksQuery, FetchedBlocks } from "../../src/transport/peer-api.ts";
import { createNetwork, creation, keyOf, transfer } from "../ledger/fixture.ts";
import { Chain, freshApplication, genesisBlock } from "./chain.ts";

type Peer = (query: BlocksQuery) => FetchedBlocks | undefined | Promise<FetchedBlocks | undefined>;

const network = createNetwork();

/** 150 blocks, the first ones with payments. */
function createChain(): Chain {
  const chain = new Chain(network);
  chain.add(
    creation(network, { name: "alice", balance: 100n }),
    creation(network, { name: "bob" }),
  );
  for (let i = 1n; i <= 5n; i++)
    chain.add(transfer(network, { from: "alice", to: "bob", amount: i }));
  chain.extend(144);
  return chain;
}

const chain = createChain();

/** Answers as an honest node with this chain does, which may hold a finalization of few heights only. */
function holding(hasFinalization: (height: number) => boolean): Peer {
  return (query) => {
    const answer = honest(query);
    if (query.start.kind !== "height") return answer;
    const from = query.start.height;
    const heights = answer.blocks.map((_, place) => from + place);
    const top = heights.findLast(hasFinalization);
    if (top === undefined) return { ...answer, finalization: undefined };
    const finalization = encodeCertificate(chain.finalization(top));
    return { ...answer, finalization, blocks: answer.blocks.slice(0, top - from + 1) };
  };
}

/** Answers as an honest node with this chain does. */
const honest = ({ start, count }: BlocksQuery): FetchedBlocks => {
  const finalHeight = height(chain.height);
  if (start.kind === "height") {
    const blocks = chain.blocks.slice(start.height - 1, start.height - 1 + count);
    const top = blocks.at(-1)?.header.height;
    const proof = top === undefined ? undefined : encodeCertificate(chain.finalization(top));
    return { blocks: blocks.map(fetched), finalization: proof, finalHeight };
  }
  const place = chain.blocks.findIndex(({ hash }) => equalBytes(hash, start.hash));
  const from = Math.max(start.above, place + 1 - count);
  const blocks = chain.blocks.slice(from, place + 1).reverse();
  return { blocks: blocks.map(fetched), finalHeight };
};

function fetched({ headerBytes, operations }: Chain["blocks"][number]) {
  return { header: headerBytes, operations };
}

/** What an honest peer says, changed. */
function lying(change: (answer: FetchedBlocks) => FetchedBlocks): Peer {
  return (query) => {
    return change(honest(query));
  };
}

const otherBody = transfer(network, { from: "alice", to: "bob", amount: 99n }).bytes;

const LIARS: Record<string, Peer> = {
  "is silent": () => undefined,
  "has nothing": lying(() => ({ blocks: [], finalHeight: height(9_999) })),
  "shows no finalization": lying((answer) => ({ ...answer, finalization: undefined })),
  "shows a finalization that a quorum did not sign": lying((answer) => {
    const strangers = ["x", "y", "z"].map(keyOf);
    const top = chain.finalization(answer.blocks.length, strangers);
    return { ...answer, finalization: encodeCertificate(top) };
  }),
  "shows the finalization of another block": lying((answer) => ({
    ...answer,
    finalization: encodeCertificate(chain.finalization(answer.blocks.length - 1)),
  })),
  "changes a body": lying((answer) => ({
    ...answer,
    blocks: answer.blocks.map((block) => ({
      ...block,
      operations: block.operations.map(() => otherBody),
    })),
  })),
  "leaves a block out": lying((answer) => ({
    ...answer,
    blocks: answer.blocks.filter((_, i) => i !== 3),
  })),
  "sends headers that do not read": lying((answer) => ({
    ...answer,
    blocks: answer.blocks.map((block) => ({ ...block, header: new Uint8Array(7) })),
  })),
};

/** A node at the genesis whose peers are these, from validator 1 on. */
async function follower(...peers: readonly Peer[]) {
  const { context } = network;
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const pool = new Pool({ operationsPerSenderMax: 10, bytesPerSenderMax: 10_000 });
  const application = freshApplication(network, pool);
  const { header, hash } = genesisBlock(network);
  const failures: unknown[] = [];
  const finalizer = new Finalizer({
    context,
    application,
    pool,
    waitingRoom: new WaitingRoom({ perSenderMax: 10 }),
    chain: store.chain,
    journalIndex: new JournalIndex(),
    committed: { state: genesisState(context), header, hash },
    onCommitted: () => undefined,
    fail: (error) => failures.push(error),
  });
  const asked: { readonly peer: ValidatorIndex; readonly query: BlocksQuery }[] = [];
  const inputs: Input[] = [];
  /** Timers that run: each ends when a test says so. */
  const patience = new Set<() => void>();
  const done = Promise.withResolvers<void>();
  const catchUp = new CatchUp({
    context,
    finalizer,
    finalTip: () => application.finalTip,
    checker: inlineChecker,
    log: createLog("follower", "silent"),
    fetch: (peer, query) => {
      asked.push({ peer, query });
      return Promise.resolve(peers[peer - 1]?.(query));
    },
    after: (_, action) => {
      patience.add(action);
      return () => patience.delete(action);
    },
    patienceMs: 150,
    push: (input) => {
      inputs.push(input);
      if (finalizer.committed.state.height === chain.height || input.kind === "fetched") {
        done.resolve();
      }
      return Promise.resolve();
    },
    fail: (error) => failures.push(error),
  });
  const { promise } = done;
  return {
    ...{ catchUp, application, finalizer, asked, inputs, failures, store, patience },
    done: promise,
  };
}

/** As the core asks when it has a finalization of the block at `certified` and misses the one at `missing`. */
function request(missing: number, fields: Partial<FetchRequest> = {}): FetchRequest {
  const block = chain.blocks[missing - 1];
  if (block === undefined) throw new Error("no such block");
  return {
    kind: "fetchBlocks",
    hash: block.hash,
    height: block.header.height,
    above: height(0),
    certificate: chain.finalization(missing),
    peers: [validatorIndex(1), validatorIndex(2)],
    ...fields,
  };
}

describe("far behind, a node", () => {
  it("climbs in batches to a peer's tip, each under its own finalization, and tells the core", async () => {
    const node = await follower(honest);
    node.catchUp.request(request(150));
    await node.done;
    const tips = node.inputs.map((input) => input.kind === "caughtUp" && input.final.header.height);
    expect(tips).toEqual([64, 128, 150]);
    expect(await node.store.chain.loadTip()).toMatchObject({ height: 150 });
    expect(node.application.finalTip.hash).toEqual(chain.blocks.at(-1)?.hash);
    expect(node.finalizer.committed.state.wallets.root()).toEqual(
      chain.executed.at(-1)?.execution.state.wallets.root(),
    );
    expect(node.failures).toEqual([]);
  });

  it.each(Object.keys(LIARS))("climbs with the next peer if one %s", async (name) => {
    const node = await follower(LIARS[name] ?? honest, honest);
    node.catchUp.request(request(150));
    await node.done;
    expect(await node.store.chain.loadTip()).toMatchObject({ height: 150 });
    expect(node.asked[0]?.peer).toBe(1);
    expect(node.failures).toEqual([]);
  });

  it("climbs over more blocks than a batch holds that became final all at once", async () => {
    const node = await follower(holding((at) => at === 150));
    node.catchUp.request(request(150));
    await node.done;
    expect(node.asked.map(({ query }) => query.start)).toEqual([
      { kind: "height", height: 1 },
      { kind: "height", height: 65 },
      { kind: "height", height: 129 },
    ]);
    expect(await node.store.chain.loadTip()).toMatchObject({ height: 150 });
    expect(node.failures).toEqual([]);
  });

  it("keeps what held of a peer that then lies, and goes on when asked again", async () => {
    let answers = 0;
    const fickle: Peer = (query) => {
      answers += 1;
      return answers === 1 ? honest(query) : undefined;
    };
    const node = await follower(fickle, honest);
    node.catchUp.request(request(150));
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

  it("asks for nothing more once it is stopped", async () => {
    const node = await follower(honest);
    node.catchUp.stop();
    node.catchUp.request(request(150));
    await new Promise(setImmediate);
    expect(node.asked).toEqual([]);
  });
});

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

  it.each(["is silent", "has nothing", "changes a body", "sends headers that do not read"])(
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
      for (const action of node.patience) action();
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

  it("is not sent climbing by a peer's claim to be far ahead: only a finalization shows that", async () => {
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

/** Looks again after every turn of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise(setImmediate);
  }
}
