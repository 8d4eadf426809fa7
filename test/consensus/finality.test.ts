/** R15, R16, R25, R26: finalize votes, final blocks, fetching of missing blocks, and dropping of old records. */
import { describe, expect, it } from "vitest";
import type { Tip } from "../../src/consensus/ancestry.ts";
import { Certificates } from "../../src/consensus/certificates.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import type { Block } from "../../src/primitives/block.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height, view } from "../../src/primitives/numbers.ts";
import {
  Bench,
  blockOn,
  finalization,
  finalizeOf,
  GENESIS,
  notarization,
  nullification,
  requested,
  said,
  T,
} from "./harness.ts";

const first = blockOn(GENESIS, 1);
const second = blockOn(first, 2);
const third = blockOn(second, 3);

/** A node that voted for the first block. */
function voter(): Bench {
  const bench = new Bench();
  bench.hearProposal(first);
  bench.approve(first);
  return bench;
}

describe("R15: finalize", () => {
  it("follows the notarization, recorded, after entering the next view", () => {
    const bench = voter();
    const output = bench.hearCertificates(notarization(first));
    expect(said(output)).toEqual(["finalize 1"]);
    expect(output.journal.map(({ kind }) => kind)).toEqual(["certificate", "vote"]);
    expect(output.messages.map(({ message }) => message.kind)).toEqual(["certificates", "vote"]);
  });

  it("never after nullify", () => {
    const bench = voter();
    bench.pass(T);
    expect(said(bench.hearCertificates(notarization(first)))).toEqual([]);
  });

  it("also without an own notarize vote, once the body is held", () => {
    const bench = new Bench();
    expect(said(bench.hearCertificates(notarization(first)))).toEqual([]);
    const output = bench.step({ kind: "fetched", blocks: [first] });
    expect(said(output)).toEqual(["finalize 1"]);
    expect(output.journal.map(({ kind }) => kind)).toEqual(["block", "vote"]);
  });

  it("waits for the ancestors too", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(second));
    expect(said(bench.step({ kind: "fetched", blocks: [second] }))).toEqual([]);
    const output = bench.step({ kind: "fetched", blocks: [first] });
    expect(said(output)).toEqual(["finalize 2"]);
  });

  it("is allowed late, in a view that was left by nullification", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.hearCertificates(nullification(1, [1, 2, 3]));
    expect(said(bench.hearCertificates(notarization(first)))).toEqual(["finalize 1"]);
  });

  it("is not said more than 64 views late", () => {
    for (const [last, expected] of [
      [LIMITS.lateViewsMax, ["finalize 1"]],
      [LIMITS.lateViewsMax + 1, []],
    ] as const) {
      const bench = new Bench();
      bench.hearCertificates(nullification(last));
      bench.hearCertificates(notarization(first));
      const output = bench.step({ kind: "fetched", blocks: [first] });
      expect(said(output)).toEqual(expected);
    }
  });

  it("is not said below a finalization", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(second));
    bench.hearCertificates(notarization(first));
    expect(said(bench.step({ kind: "fetched", blocks: [first, second] }))).toEqual([]);
  });
});

describe("R16: final", () => {
  it("a quorum of finalize votes makes the block and its ancestors final, ascending", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(first), notarization(second));
    bench.step({ kind: "fetched", blocks: [second, first] });
    for (const signer of [1, 2]) bench.hearVote(finalizeOf(signer, second));
    const { finalized } = bench.output;
    expect(finalized.map(({ block }) => block.header.height)).toEqual([1, 2]);
    for (const { finalization: covering } of finalized) {
      expect(covering.subject).toMatchObject({ kind: "finalize", view: 2 });
    }
    expect(bench.core.status().finalHeight).toBe(2);
  });

  it("waits for missing blocks, and hands out all at once", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(third));
    expect(bench.core.status()).toMatchObject({ finalHeight: 0, knownFinalHeight: 3 });
    expect(bench.step({ kind: "fetched", blocks: [third] }).finalized).toEqual([]);
    const output = bench.step({ kind: "fetched", blocks: [first, second] });
    expect(output.finalized.map(({ block }) => block)).toEqual([first, second, third]);
  });

  it("finalizes nothing twice", () => {
    const bench = voter();
    bench.hearCertificates(finalization(first));
    expect(bench.hearCertificates(finalization(first)).finalized).toEqual([]);
    expect(bench.hearCertificates(finalization(first, [1, 2, 3])).finalized).toEqual([]);
  });

  it("two finalizations that contradict one another stop the node", () => {
    const bench = voter();
    bench.hearCertificates(finalization(first));
    const other = blockOn(GENESIS, 2, { operations: ["other"] });
    const above = blockOn(other, 3);
    bench.hearCertificates(finalization(above));
    expect(() => bench.step({ kind: "fetched", blocks: [above, other] })).toThrow("contradict");
  });

  it("catch-up beside the core moves the final block", () => {
    const bench = new Bench();
    const certificate = finalization(third);
    bench.step({ kind: "caughtUp", final: third, finalization: certificate });
    expect(bench.core.status()).toMatchObject({ finalHeight: 3, view: 4 });
    expect(bench.output.finalized).toEqual([]);
    expect(requested("assessWork", bench.output)[0]?.branch.hash).toEqual(third.hash);
  });

  it("catch-up that comes too late changes nothing", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(third));
    bench.step({ kind: "fetched", blocks: [first, second, third] });
    bench.step({ kind: "caughtUp", final: first, finalization: finalization(first) });
    expect(bench.core.status().finalHeight).toBe(3);
  });
});

describe("R2: the pool is assessed on the highest notarized branch that is held", () => {
  it("at the start, on a new branch, and when the branch becomes final", () => {
    const bench = new Bench();
    expect(requested("assessWork", bench.output)[0]?.branch.hash).toEqual(GENESIS.hash);
    bench.hearCertificates(notarization(first));
    expect(requested("assessWork", bench.output)).toEqual([]);
    bench.step({ kind: "fetched", blocks: [first] });
    expect(requested("assessWork", bench.output)).toMatchObject([{ ancestors: [first] }]);
    bench.hearCertificates(notarization(second));
    expect(requested("assessWork", bench.output)).toEqual([]);
    bench.step({ kind: "fetched", blocks: [second] });
    expect(requested("assessWork", bench.output)).toMatchObject([{ ancestors: [first, second] }]);
  });

  it("ancestors reach down to the committed block, also through final ones", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(second));
    bench.step({ kind: "fetched", blocks: [first, second] });
    const [assess] = requested("assessWork", bench.output);
    expect(assess?.ancestors).toEqual([first, second]);
    bench.step({ kind: "committed", height: height(1) });
    bench.hearCertificates(notarization(third));
    bench.step({ kind: "fetched", blocks: [third] });
    expect(requested("assessWork", bench.output)[0]?.ancestors).toEqual([second, third]);
  });
});

describe("R25: fetching", () => {
  it("asks signers of the certificate, again and again, for as long as the block is missing", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(second, [0, 1, 3]));
    const [fetch] = requested("fetchBlocks", bench.output);
    expect(fetch).toMatchObject({ hash: second.hash, height: 2, above: 0, peers: [1, 3] });
    expect(requested("fetchBlocks", ...bench.pass(T))).toHaveLength(4);
    bench.step({ kind: "fetched", blocks: [second] });
    expect(requested("fetchBlocks", bench.output)).toMatchObject([{ hash: first.hash, height: 1 }]);
    bench.step({ kind: "fetched", blocks: [first] });
    expect(bench.output.deadline).toBeUndefined();
  });

  it("ignores blocks that it did not ask for", () => {
    const bench = new Bench();
    bench.step({ kind: "fetched", blocks: [first] });
    expect(bench.core.block(first.hash)).toBeUndefined();
    expect(bench.output.journal).toEqual([]);
  });

  it("serves what it holds above the final block", () => {
    const bench = voter();
    expect(bench.core.block(first.hash)).toEqual(first);
    bench.hearCertificates(finalization(first));
    expect(bench.core.block(first.hash)).toBeUndefined();
  });

  it("takes no body too far above the final block", () => {
    const bench = new Bench();
    const far = blockOn(GENESIS, 1, { header: { height: height(LIMITS.fetchedHeightsMax + 1) } });
    bench.hearCertificates(finalization(far));
    bench.step({ kind: "fetched", blocks: [far] });
    expect(bench.core.block(far.hash)).toBeUndefined();
    expect(requested("fetchBlocks", bench.output, ...bench.pass(T / 4))).toMatchObject([
      { height: LIMITS.fetchedHeightsMax + 1, certificate: { subject: { kind: "finalize" } } },
    ]);
  });
});

describe("R26: nothing is kept for ever", () => {
  it("a block without certificate is dropped 64 views later", () => {
    const bench = voter();
    bench.hearCertificates(nullification(LIMITS.lateViewsMax));
    expect(bench.core.block(first.hash)).toEqual(first);
    bench.hearCertificates(nullification(LIMITS.lateViewsMax + 1));
    expect(bench.core.block(first.hash)).toBeUndefined();
  });

  it("a notarized block and its ancestors are kept as long as they may become final", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(second));
    bench.step({ kind: "fetched", blocks: [first, second] });
    bench.hearCertificates(nullification(500));
    expect(bench.core.block(first.hash)).toEqual(first);
    expect(bench.core.block(second.hash)).toEqual(second);
  });

  it("of the nullifications only the newest 8192 stay", () => {
    const held = new Certificates();
    const views = Array.from({ length: LIMITS.nullificationsMax + 2 }, (_, i) => view(i + 1));
    for (const at of views) {
      const subject = { kind: "nullify", epoch: FIRST_EPOCH, view: at } as const;
      held.add({ subject, signatures: [] });
    }
    expect(held.size).toBe(8192);
    expect(views.filter((at) => !held.nullified(at))).toEqual([1, 2]);
  });

  it("a long chain of views leaves a small core behind", () => {
    const bench = new Bench();
    let parent: Tip = GENESIS;
    const blocks: Block[] = [];
    for (let at = 1; at <= 300; at++) {
      const block = blockOn(parent, at);
      blocks.push(block);
      bench.hearCertificates(notarization(block), finalization(block));
      bench.step({ kind: "fetched", blocks: [block] });
      bench.step({ kind: "committed", height: block.header.height });
      parent = block;
    }
    expect(bench.core.status().finalHeight).toBe(300);
    expect(blocks.filter(({ hash }) => bench.core.block(hash) !== undefined)).toEqual([]);
    expect(bench.core.standing(GENESIS.header.view)).toEqual([]);
  });
});
