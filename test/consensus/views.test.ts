/** R1, R2, R14, R21: votes make certificates, certificates move nodes, and nothing else does. */
import { describe, expect, it } from "vitest";
import { view } from "../../src/primitives/numbers.ts";
import {
  Bench,
  blockOn,
  certificatesIn,
  EPOCH,
  finalization,
  finalizeOf,
  GENESIS,
  notarization,
  notarizeOf,
  nullification,
  said,
  sent,
} from "./harness.ts";

const block = blockOn(GENESIS, 1);

describe("R2: a quorum is n - f votes on one subject", () => {
  it("enters the next view with the last notarize vote, and broadcasts the notarization", () => {
    const bench = new Bench();
    bench.hearVote(notarizeOf(1, block));
    bench.hearVote(notarizeOf(2, block));
    expect(bench.view).toBe(1);
    bench.hearVote(notarizeOf(3, block));
    expect(bench.view).toBe(2);
    expect(certificatesIn(sent("certificates", bench.output))).toEqual(["notarize 1"]);
    expect(sent("certificates", bench.output)[0]?.to).toBe("all");
  });

  it("counts one vote of a kind from each validator", () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.hearVote(notarizeOf(1, block));
    bench.hearVote(notarizeOf(2, block));
    expect(bench.view).toBe(1);
  });

  it("does not add up votes for different blocks", () => {
    const bench = new Bench();
    const other = blockOn(GENESIS, 1, { operations: ["other"] });
    bench.hearVote(notarizeOf(1, block));
    bench.hearVote(notarizeOf(2, block));
    bench.hearVote(notarizeOf(3, other));
    expect(bench.view).toBe(1);
  });

  it("two nodes need both votes, three need all three", () => {
    for (const nodes of [2, 3]) {
      const bench = new Bench({ nodes });
      bench.hearProposal(block);
      for (let signer = 2; signer < nodes; signer++) bench.hearVote(notarizeOf(signer, block));
      expect(bench.view).toBe(1);
      bench.approve(block);
      expect(bench.view).toBe(2);
    }
  });

  it("nullify completes with the node's own vote", () => {
    const bench = new Bench();
    bench.hearNullify(1, 1);
    bench.work();
    bench.pass(10_000);
    expect(bench.view).toBe(1);
    bench.hearNullify(2, 1);
    expect(bench.view).toBe(2);
  });
});

describe("R14: entering a view", () => {
  it("jumps over views by a certificate of a higher one, and records it", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(7));
    expect(bench.view).toBe(8);
    expect(bench.output.journal.map(({ kind }) => kind)).toEqual(["certificate"]);
    expect(certificatesIn(sent("certificates", bench.output))).toEqual(["nullify 7"]);
  });

  it("enters by a finalization too", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(block));
    expect(bench.view).toBe(2);
  });

  it("broadcasts each certificate once", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(1));
    expect(sent("certificates", bench.hearCertificates(nullification(1)))).toEqual([]);
  });

  it("takes a certificate of a lower view without going back", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(3));
    bench.hearCertificates(notarization(block));
    expect(bench.view).toBe(4);
    expect(bench.core.status().hasUnfinal).toBe(true);
  });

  it("a claim without a certificate moves no node", () => {
    const bench = new Bench();
    const claim = { kind: "status", epoch: EPOCH, view: view(9), certificates: [] } as const;
    bench.hear(1, { ...claim, finalHeight: GENESIS.header.height });
    bench.hearVote(notarizeOf(1, blockOn(GENESIS, 9)));
    expect(bench.view).toBe(1);
  });

  it("a certificate of another epoch is ignored", () => {
    const bench = new Bench();
    const foreign = nullification(1);
    const subject = { ...foreign.subject, epoch: 2 as typeof EPOCH };
    bench.hearCertificates({ ...foreign, subject });
    expect(bench.view).toBe(1);
  });
});

describe("R21: votes of other views", () => {
  it("votes of the next view are counted at once", () => {
    const bench = new Bench();
    for (const signer of [1, 2, 3]) bench.hearNullify(signer, 2);
    expect(bench.view).toBe(3);
  });

  it("of votes beyond that the newest of each validator is kept, and counted once near", () => {
    const bench = new Bench();
    for (const signer of [1, 2]) for (const at of [5, 7, 6]) bench.hearNullify(signer, at);
    bench.hearCertificates(nullification(5));
    bench.hearNullify(3, 7);
    expect(bench.view).toBe(8);
  });

  it("older ones of the same validator are gone", () => {
    const bench = new Bench();
    for (const signer of [1, 2]) for (const at of [5, 7]) bench.hearNullify(signer, at);
    bench.hearCertificates(nullification(4));
    bench.hearNullify(3, 5);
    expect(bench.view).toBe(5);
  });

  it("late votes still complete the notarization of a view left by nullification", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(1));
    for (const signer of [1, 2, 3]) bench.hearVote(notarizeOf(signer, block));
    expect(bench.core.status().hasUnfinal).toBe(true);
  });

  it("votes of a view that is more than 64 behind are not counted", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(66));
    for (const signer of [1, 2, 3]) bench.hearVote(notarizeOf(signer, block));
    expect(bench.core.status().hasUnfinal).toBe(false);
  });

  it("votes below the highest finalization are not counted", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(blockOn(block, 2)));
    for (const signer of [1, 2, 3]) bench.hearVote(finalizeOf(signer, block));
    expect(bench.core.status().knownFinalHeight).toBe(2);
    expect(said(bench.output)).toEqual([]);
  });

  it("the same votes give the same certificate as received in one piece", () => {
    const bench = new Bench();
    for (const signer of [3, 1, 2]) bench.hearVote(notarizeOf(signer, block));
    const [message] = sent("certificates", bench.output);
    expect(message?.message.certificates).toEqual([notarization(block, [1, 2, 3])]);
  });
});
