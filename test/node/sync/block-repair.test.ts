/**
 * Goal: a node notices records that its disk damages while it runs, never hands them out, and fetches them again from
 * its peers. Method: bits of stored records are flipped and records are removed behind the node's back; then it is
 * asked for them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLedgerContext, type LedgerContext } from "../../../src/ledger/context.ts";
import { isValidPoint, sha256 } from "../../../src/node/base/crypto.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { RepairedBlocks } from "../../../src/node/sync/block-repair.ts";
import { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import { type Height, height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { createCeremonyJudge } from "../../../src/seal/judge.ts";
import { createSuite } from "../../../src/seal/suite.ts";
import { type NumberedKind, numberedKey } from "../../../src/storage/keys.ts";
import { StorageCorruption } from "../../../src/storage/storage-errors.ts";
import type { FetchedBlocks } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { Cluster } from "../../support/cluster.ts";
import {
  expectAgreement,
  expectSealed,
  issue,
  type Owned,
  signedTransfer,
  startNetwork,
  stopNetwork,
  until,
} from "../network.ts";

const VICTIM = 2;
let cluster: Cluster;
let context: LedgerContext;
let alice: Owned;
let tip: Height;
/** Ids of payments, and the heights of their blocks. */
const payments: { readonly id: string; readonly at: Height }[] = [];

beforeAll(async () => {
  cluster = await startNetwork();
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  context = createLedgerContext({ genesis: cluster.genesis, hash: sha256, isValidPoint, judge });
  alice = await issue(cluster, 0, { balance: 100n });
  const bob = await issue(cluster, 1);
  for (let i = 0; i < 6; i++) {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
    await cluster.client(0).transaction(request);
    const { id } = request.transaction;
    const place = await cluster.store(0).operations.loadOperation(`${alice.id}/${id}`);
    payments.push({ id, at: place?.height ?? expect.fail("an ordered payment has its place") });
  }
  tip = height(Number((await expectAgreement(cluster)).height));
});
afterAll(() => stopNetwork(cluster));

/** A node that has just started has no receipts in memory: it reads everything from its disk. */
async function restart(): Promise<void> {
  await cluster.stopNode(VICTIM);
  await cluster.startNode(VICTIM);
  await until("links to all peers", async () => {
    return (await cluster.client(VICTIM).getStatus({})).connectedPeers === 3;
  });
}

const keyOf = (kind: NumberedKind, at: number) =>
  Buffer.from(numberedKey(kind, at)).toString("latin1");

function flip(kind: NumberedKind, at: number): void {
  const { entries } = cluster.disk(VICTIM);
  const held = entries.get(keyOf(kind, at));
  if (held === undefined) return;
  const damaged = Uint8Array.from(held);
  damaged[held.length >> 1] = (damaged[held.length >> 1] ?? 0) ^ 4;
  entries.set(keyOf(kind, at), damaged);
}

/** The stored bytes of all records of a kind, in hexadecimal. */
function snapshot(kind: NumberedKind): Map<string, string> {
  const letter = keyOf(kind, 0).slice(0, 1);
  const held = [...cluster.disk(VICTIM).entries].filter(([key]) => key.startsWith(letter));
  return new Map(held.map(([key, value]) => [key, toHex(value)]));
}

const all = () => Array.from({ length: tip }, (_, i) => i + 1);
async function fetchAll(node: number): Promise<FetchedBlocks> {
  const start = { kind: "height", height: height(1) } as const;
  const query = { start, count: tip, headersOnly: false };
  const answer = await cluster.node(node).peers.fetchBlocks(query, validatorIndex(1));
  return answer instanceof Refusal ? expect.fail(answer.message) : answer;
}

describe("A8: under a running node, the disk damages", () => {
  it.each<[string, (at: number) => void]>([
    ["every header", (at) => flip("header", at)],
    ["every body", (at) => flip("body", at)],
    ["headers and bodies", (at) => flip(at % 2 === 0 ? "header" : "body", at)],
    [
      "all of a block, which is gone",
      (at) => {
        for (const kind of ["header", "body"] as const)
          cluster.disk(VICTIM).entries.delete(keyOf(kind, at));
      },
    ],
  ])(
    "%s: a peer that asks gets what was written, and the disk is whole again",
    async (_, damage) => {
      await restart();
      const before = [snapshot("header"), snapshot("body")];
      for (const at of all()) damage(at);
      expect([snapshot("header"), snapshot("body")]).not.toEqual(before);
      const { blocks } = await fetchAll(VICTIM);
      expect(blocks).toEqual((await fetchAll(0)).blocks);
      expect([snapshot("header"), snapshot("body")]).toEqual(before);
    },
  );

  it("every finalization: a peer gets one that a quorum signed", async () => {
    await restart();
    for (const at of all()) flip("finalization", at);
    const reader = new BlockVerifier({ context, checker: inlineChecker });
    const answer = await fetchAll(VICTIM);
    expect(await reader.read(answer, { from: 1, count: tip })).toMatchObject({
      finalization: { subject: { kind: "finalize" } },
    });
    const { blocks } = cluster.store(VICTIM);
    expect((await blocks.loadFinalization(tip))?.height).toBe(tip);
  });

  it("a body and seals: who asks for a receipt gets one that verifies, and the tip is sealed again", async () => {
    await restart();
    for (const { at } of payments) flip("body", at);
    for (const at of [0, ...all()]) flip("seal", at);
    for (const { id, at } of payments) {
      const { receipt } = await cluster.client(VICTIM).getReceipt({ from: alice.id, id });
      expect(receipt?.sealPending, `payment of block ${at}`).toBe(true);
    }
    for (const { at } of payments) {
      expect(cluster.disk(VICTIM).entries.has(keyOf("seal", at)), `seal of ${at}`).toBe(false);
    }
    await restart();
    for (const { id } of payments) {
      const { receipt } = await until("a seal", async () => {
        const answer = await cluster.client(VICTIM).getReceipt({ from: alice.id, id });
        return answer.receipt?.sealPending === false && answer;
      });
      await expectSealed(cluster, receipt);
    }
  });
});

describe("of peers that lie, or have nothing,", () => {
  /** The victim's chain, whose peers answer by `answer`. */
  const chainWith = (answer: (asked: number) => Promise<FetchedBlocks | undefined>) => {
    let asked = 0;
    return new RepairedBlocks({
      store: cluster.store(VICTIM),
      hash: sha256,
      verifier: new BlockVerifier({ context, checker: inlineChecker }),
      source: {
        others: [validatorIndex(0), validatorIndex(1)],
        fetchBlocks: () => answer(asked++),
      },
      system: {
        after: (_, action) => {
          const immediate = setImmediate(action);
          return () => clearImmediate(immediate);
        },
      },
      log: createLog("test", "silent"),
    });
  };
  const at = () => payments[2]?.at ?? expect.fail("there were payments");

  it.each<[string, (truth: FetchedBlocks) => FetchedBlocks | undefined]>([
    ["no answer", () => undefined],
    ["no block", (truth) => ({ ...truth, blocks: [] })],
    ["another block", (truth) => ({ ...truth, blocks: truth.blocks.slice(at()) })],
    [
      "a header without its body",
      (truth) => ({
        ...truth,
        blocks: truth.blocks.slice(at() - 1).map(({ header }) => ({ header, operations: [] })),
      }),
    ],
  ])("%s is never taken for the block: the damage is told, with the remedy", async (_, lie) => {
    const truth = await fetchAll(0);
    const before = snapshot("body");
    flip("body", at());
    const damaged = snapshot("body");
    const failure = await chainWith(async () => lie(truth))
      .loadBlock(at())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageCorruption);
    expect(`${failure}`).toMatch(new RegExp(`the body of block ${at()}: .*countersign rejoin`));
    expect(snapshot("body")).toEqual(damaged);
    const later = chainWith(async (asked) => {
      const blocks = truth.blocks.slice(at() - 1, at());
      return asked < 5 ? lie(truth) : { ...truth, blocks };
    });
    expect((await later.loadBlock(at()))?.operations).toHaveLength(1);
    expect(snapshot("body")).toEqual(before);
  });
});
