/** R7 to R9: the leader's turn. Node 1 leads views 1, 5 and 9; node 2 leads view 2. */
import { describe, expect, it } from "vitest";
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Block } from "../../src/primitives/block.ts";
import {
  Bench,
  blockOn,
  finalization,
  GENESIS,
  HELD_BACK_MS,
  notarization,
  nullification,
  requested,
  said,
  sent,
  T,
} from "./harness.ts";

const first = blockOn(GENESIS, 1, { operations: ["a"] });

/** Node 2 in view 2, which it leads, on a notarized parent that is not final. */
function onUnfinalParent(): Bench {
  const bench = new Bench({ self: 2 });
  bench.hearCertificates(notarization(first));
  bench.step({ kind: "fetched", blocks: [first] });
  return bench;
}

describe("R8: what a leader proposes", () => {
  it("operations at once, if its pool has some", () => {
    const bench = new Bench({ self: 1 });
    const [request] = requested("build", bench.work());
    expect(request).toMatchObject({ view: 1, operations: true, parent: GENESIS, ancestors: [] });
  });

  it("nothing on a final parent with nothing to order: an idle network is silent", () => {
    const bench = new Bench({ self: 1 });
    const outputs = bench.pass(20 * T);
    expect(outputs).toEqual([]);
  });

  it("nothing if others have work but it has nothing to order and the parent is final", () => {
    const bench = new Bench({ self: 1 });
    bench.hearNullify(2, 1);
    bench.hearNullify(3, 1);
    expect(requested("build", bench.output, ...bench.pass(T - 1))).toEqual([]);
  });

  it("an empty block on a parent that is not final, after a quarter of the timeout", () => {
    const bench = onUnfinalParent();
    expect(requested("build", ...bench.pass(T / 4 - 1))).toEqual([]);
    const [request] = requested("build", ...bench.pass(1));
    expect(request).toMatchObject({ view: 2, operations: false, ancestors: [first] });
  });

  it("no empty block if the parent becomes final meanwhile", () => {
    const bench = onUnfinalParent();
    bench.pass(T / 8);
    bench.hearCertificates(finalization(first));
    expect(requested("build", ...bench.pass(10 * T))).toEqual([]);
  });

  it("operations that arrive while it waits", () => {
    const bench = onUnfinalParent();
    bench.pass(T / 8);
    expect(requested("build", bench.work())[0]).toMatchObject({ operations: true });
  });

  it("an empty block at once if the window of an operation is over", () => {
    const bench = new Bench({ self: 1 });
    bench.work(true, true);
    const [request] = requested("build", bench.output);
    expect(request?.operations).toBe(true);
    const none = { kind: "built", view: first.header.view, block: undefined } as const;
    bench.step({ ...none, parentHash: GENESIS.hash });
    expect(requested("build", bench.output)[0]).toMatchObject({ operations: false });
  });

  it("no empty block sooner for that on a parent that is not final: what is overdue comes without end", () => {
    const bench = onUnfinalParent();
    bench.work(false, true);
    expect(requested("build", bench.output, ...bench.pass(T / 4 - 1))).toEqual([]);
    expect(requested("build", ...bench.pass(1))).toMatchObject([{ operations: false }]);
  });

  it("waits for news if the application has nothing to order", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    const none = { kind: "built", view: first.header.view, block: undefined } as const;
    bench.step({ ...none, parentHash: GENESIS.hash });
    expect(requested("build", bench.output, ...bench.pass(T / 2))).toEqual([]);
    expect(requested("build", bench.work())).toHaveLength(1);
  });

  it("restraint: no operations while 8 blocks above the committed one carry some", () => {
    expect(contentAfter(7, { operations: ["a"], final: false })).toBe(true);
    expect(contentAfter(8, { operations: ["a"], final: false })).toBeUndefined();
    expect(contentAfter(8, { operations: [], final: false })).toBe(true);
  });

  it("restraint counts what is final and not yet in the own store", () => {
    expect(contentAfter(8, { operations: ["a"], final: true })).toBeUndefined();
    expect(contentAfter(8, { operations: ["a"], final: true, committed: 1 })).toBe(true);
  });

  /** True if the next leader orders operations on this many blocks; undefined if it asks for no block. */
  function contentAfter(
    count: number,
    options: { operations: string[]; final: boolean; committed?: number },
  ): boolean | undefined {
    const bench = new Bench({ self: (count + 1) % 4 });
    const blocks: Block[] = [];
    let parent: Tip = GENESIS;
    for (let at = 1; at <= count; at++) {
      const block = blockOn(parent, at, { operations: options.operations });
      blocks.push(block);
      parent = block;
      bench.hearCertificates(notarization(block));
      bench.step({ kind: "fetched", blocks: [block] });
    }
    const top = blocks.at(-1);
    if (options.final && top !== undefined) bench.hearCertificates(finalization(top));
    const lowest = blocks[(options.committed ?? 0) - 1];
    if (lowest !== undefined) {
      bench.step({ kind: "committed", height: lowest.header.height });
    }
    bench.work();
    return requested("build", ...bench.pass(HELD_BACK_MS))[0]?.operations;
  }
});

describe("R8: operations that wait when a view is entered are held back, so that more of them share a block", () => {
  it("until the parent is final, and for half of the longest time at least", () => {
    const soon = onUnfinalParent();
    soon.work();
    soon.hearCertificates(finalization(first));
    const early = soon.pass(HELD_BACK_MS / 2 - 1);
    expect(requested("build", soon.output, ...early)).toEqual([]);
    expect(requested("build", ...soon.pass(1))).toMatchObject([{ operations: true }]);

    const later = onUnfinalParent();
    later.work();
    expect(requested("build", ...later.pass(HELD_BACK_MS / 2 + 5))).toEqual([]);
    const output = later.hearCertificates(finalization(first));
    expect(requested("build", output)).toMatchObject([{ operations: true }]);
  });

  it("for a twelfth of the shortest timeout at most", () => {
    const bench = onUnfinalParent();
    bench.work();
    const early = bench.pass(HELD_BACK_MS - 1);
    expect(requested("build", bench.output, ...early)).toEqual([]);
    expect(requested("build", ...bench.pass(1))).toMatchObject([{ operations: true }]);
  });

  it("until the parent is assessed at least: the report before may be about operations that it ordered", () => {
    const bench = new Bench({ self: 2 });
    bench.work(true, false, true);
    bench.hearCertificates(notarization(first));
    bench.step({ kind: "fetched", blocks: [first] });
    expect(requested("build", bench.output, ...bench.pass(HELD_BACK_MS))).toEqual([]);
    expect(requested("build", bench.work())).toMatchObject([{ operations: true }]);
  });

  it("not if a block's worth of them waits, at once or later", () => {
    const bench = onUnfinalParent();
    expect(requested("build", bench.work(true, false, true))).toHaveLength(1);
    const later = onUnfinalParent();
    later.work();
    later.pass(HELD_BACK_MS / 2);
    expect(requested("build", later.work(true, false, true))).toHaveLength(1);
  });

  it("not the first that comes after a time in which none waited: a payment alone is proposed at once", () => {
    const bench = onUnfinalParent();
    bench.work(false);
    bench.pass(1);
    expect(requested("build", bench.work())).toMatchObject([{ operations: true }]);
  });

  it("not after a view without a block, which took long enough", () => {
    const bench = new Bench({ self: 2 });
    bench.work();
    bench.hearCertificates(nullification(1));
    expect(requested("build", bench.output)).toMatchObject([{ view: 2, operations: true }]);
  });
});

describe("R7: the parent", () => {
  it("is the highest certified block with every view between nullified", () => {
    const bench = new Bench({ self: 1 });
    bench.hearCertificates(notarization(first), nullification(2), nullification(3));
    bench.hearCertificates(nullification(4));
    bench.step({ kind: "fetched", blocks: [first] });
    const [request] = requested("build", bench.work());
    expect(request).toMatchObject({ view: 5, ancestors: [first] });
  });

  it("asks all for the certificates of a view between that it jumped over", () => {
    const bench = new Bench({ self: 1 });
    bench.hearCertificates(notarization(first), nullification(4), nullification(2));
    expect(sent("question", bench.output)).toMatchObject([
      { to: "all", message: { from: 1, to: 3 } },
    ]);
    bench.step({ kind: "fetched", blocks: [first] });
    expect(requested("build", bench.work())).toEqual([]);
    expect(requested("build", bench.hearCertificates(nullification(3)))).toHaveLength(1);
  });

  it("is fetched if its body is missing", () => {
    const bench = new Bench({ self: 2 });
    bench.hearCertificates(notarization(first, [0, 1, 3]));
    const [fetch] = requested("fetchBlocks", bench.output);
    expect(fetch).toMatchObject({ hash: first.hash, height: 1, above: 0, peers: [0, 1, 3] });
    bench.work();
    expect(requested("build", bench.output, ...bench.pass(HELD_BACK_MS))).toEqual([]);
    bench.step({ kind: "fetched", blocks: [first] });
    expect(requested("build", bench.work())).toHaveLength(1);
  });

  it("may be final without a notarization", () => {
    const bench = new Bench({ self: 2 });
    bench.hearCertificates(finalization(first));
    bench.step({ kind: "fetched", blocks: [first] });
    bench.work();
    const [request] = requested("build", ...bench.pass(HELD_BACK_MS));
    expect(request?.parent.hash).toEqual(first.hash);
    expect(request?.ancestors).toEqual([first]);
  });
});

describe("R9: a proposal is its leader's notarize vote", () => {
  it("is recorded with the block", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    const output = bench.built(first);
    expect(said(output)).toEqual(["propose 1"]);
    expect(output.journal.map(({ kind }) => kind)).toEqual(["block", "vote"]);
    expect(sent("proposal", output)[0]?.message.proposal.leafHashes).toHaveLength(1);
  });

  it("is made once a view", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    bench.built(first);
    expect(requested("build", bench.work(), ...bench.pass(T / 2))).toEqual([]);
    expect(said(bench.built(blockOn(GENESIS, 1)))).toEqual([]);
  });

  it("comes too late after nullify, or when the view is over", () => {
    const late = new Bench({ self: 1 });
    late.work();
    late.pass(T);
    expect(said(late.built(first))).toEqual([]);
    const over = new Bench({ self: 1 });
    over.work();
    over.hearCertificates(nullification(1));
    expect(said(over.built(first))).toEqual([]);
  });

  it("a built block out of place stops the node", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    const wrong = blockOn(GENESIS, 1, { header: { time: 0 } });
    expect(() => bench.built(wrong)).toThrow("a built block follows its parent");
  });
});
