/** R32: a leader that missed the proposal before its turn gets it from nodes that hold it. */
import { describe, expect, it } from "vitest";
import type { Message } from "../../src/consensus/message.ts";
import type { Block } from "../../src/primitives/block.ts";
import {
  Bench,
  blockOn,
  GENESIS,
  HELD_BACK_MS,
  notarization,
  nullification,
  proposalOf,
  requested,
  said,
  sent,
  T,
} from "./harness.ts";

/** Node 2 leads views 2, 6 and so on. */
const LEADER = 2;

/** A relay whose leaf hashes are not those of the header. */
function wrongRelayOf(block: Block): Message {
  const proposal = proposalOf(block);
  return {
    kind: "proposal",
    proposal: { ...proposal, leafHashes: proposal.leafHashes.toReversed() },
  };
}

/** The proposals that node 0 sends when it enters view 6, in which node 2 leads. */
function sentOnEntering(options: {
  failedTurn: boolean;
  signers: readonly number[];
  holds?: boolean;
  findsValid?: boolean;
}) {
  const bench = new Bench();
  bench.work();
  bench.hearCertificates(nullification(1));
  if (options.failedTurn) bench.pass(T);
  for (const at of [2, 3, 4]) bench.hearCertificates(nullification(at));
  const block = blockOn(GENESIS, 5, { operations: ["a"] });
  if (options.holds !== false) bench.hearProposal(block);
  if (options.holds !== false && options.findsValid !== false) bench.approve(block);
  const output = bench.hearCertificates(notarization(block, options.signers));
  expect(bench.view).toBe(6);
  return sent("proposal", output).map(({ to, message }) => [to, message.proposal.vote.view]);
}

describe("R32: a node that enters a view by a notarization", () => {
  it("sends its leader the proposal, if that failed before and has not voted", () => {
    expect(sentOnEntering({ failedTurn: true, signers: [0, 1, 3] })).toEqual([[LEADER, 5]]);
  });

  it("sends nothing to a leader that never failed", () => {
    expect(sentOnEntering({ failedTurn: false, signers: [0, 1, 3] })).toEqual([]);
  });

  it("sends nothing to a leader that voted", () => {
    expect(sentOnEntering({ failedTurn: true, signers: [1, 2, 3] })).toEqual([]);
  });

  it("sends nothing that it did not find valid: its operations may not be the header's", () => {
    const options = { failedTurn: true, signers: [0, 1, 3], findsValid: false };
    expect(sentOnEntering(options)).toEqual([]);
  });

  it("sends nothing that it was not sent", () => {
    expect(sentOnEntering({ failedTurn: true, signers: [1, 3, 0], holds: false })).toEqual([]);
  });
});

describe("R32: a leader that lacks its parent", () => {
  const block = blockOn(GENESIS, 1, { operations: ["a", "b"] });
  const relay: Message = { kind: "proposal", proposal: proposalOf(block) };
  const entered = (self = LEADER) => {
    const bench = new Bench({ self });
    bench.work();
    bench.hearCertificates(notarization(block, [0, 1, 3]));
    return bench;
  };

  it("has a relayed proposal executed, keeps the block, and builds on it", () => {
    const bench = entered();
    expect(bench.core.filter(relay).kind).toBe("news");
    expect(requested("verify", bench.hear(3, relay))).toHaveLength(1);
    const output = bench.approve(block);
    expect(output.journal.map(({ kind }) => kind)).toContain("block");
    expect(requested("assessWork", output)).toMatchObject([{ branch: block }]);
    bench.work();
    const builds = requested("build", ...bench.pass(HELD_BACK_MS));
    expect(builds.map(({ parent }) => parent.hash)).toEqual([block.hash]);
  });

  it("keeps a relay that comes before the certificate, and votes for nothing by it", () => {
    const bench = new Bench({ self: LEADER });
    bench.work();
    const early = bench.hear(3, relay);
    expect([said(early), requested("verify", early)]).toEqual([[], []]);
    const output = bench.hearCertificates(notarization(block, [0, 1, 3]));
    expect(requested("verify", output).map(({ proposal }) => proposal.hash)).toEqual([block.hash]);
  });

  it("keeps early relays of f + 1 peers at most", () => {
    const bench = new Bench({ nodes: 7, self: LEADER });
    const other = blockOn(GENESIS, 1, { nodes: 7, operations: ["c"] });
    for (const peer of [3, 4, 5])
      bench.hear(peer, { kind: "proposal", proposal: proposalOf(other) });
    bench.hear(6, relay);
    const certificate = notarization(block, [0, 1, 3, 4, 5]);
    expect(requested("verify", bench.hearCertificates(certificate))).toEqual([]);
  });

  it("has one executed, however many relays there are", () => {
    const bench = entered();
    bench.hear(3, relay);
    expect(requested("verify", bench.hear(0, relay))).toEqual([]);
    expect(bench.core.filter(relay).kind).not.toBe("news");
  });

  it("looks at one relay of each peer, and takes none whose leaves are not the header's", () => {
    const bench = entered();
    expect(requested("verify", bench.hear(3, wrongRelayOf(block)))).toEqual([]);
    expect(requested("verify", bench.hear(3, relay))).toEqual([]);
    expect(requested("verify", bench.hear(0, relay))).toHaveLength(1);
  });

  it("does not look at a second wrong relay of a peer, in later turns either", () => {
    const bench = entered();
    bench.hear(3, wrongRelayOf(block));
    const later = blockOn(block, 5, { operations: ["c", "d"] });
    bench.hear(0, relay);
    bench.approve(block);
    for (const at of [2, 3, 4]) bench.hearCertificates(nullification(at));
    bench.hearCertificates(notarization(later, [0, 1, 3]));
    expect(bench.view).toBe(6);
    const good: Message = { kind: "proposal", proposal: proposalOf(later) };
    expect(requested("verify", bench.hear(3, good))).toEqual([]);
    expect(requested("verify", bench.hear(0, good))).toHaveLength(1);
  });

  it("checks four wrong relays in one turn at most, each reported once, and is told right in the next", () => {
    const nodes = 31;
    const bench = new Bench({ nodes, self: LEADER });
    bench.work();
    const first = blockOn(GENESIS, 1, { nodes, operations: ["a", "b"] });
    const others = Array.from({ length: nodes }, (_, i) => i).filter((i) => i !== LEADER);
    const early = [3, 4, 5, 6, 7, 8].flatMap((peer) => bench.hear(peer, wrongRelayOf(first)));
    expect(early.flatMap((output) => requested("reportWrongRelay", output))).toEqual([]);
    const entering = bench.hearCertificates(notarization(first, others.slice(0, 21)));
    expect(requested("reportWrongRelay", entering).map(({ peer }) => peer)).toEqual([3, 4, 5, 6]);
    const good: Message = { kind: "proposal", proposal: proposalOf(first) };
    expect(requested("verify", bench.hear(9, good))).toEqual([]);
  });

  it("takes no other block than the one that is certified", () => {
    const bench = entered();
    const other = blockOn(GENESIS, 1, { operations: ["c"] });
    const output = bench.hear(3, { kind: "proposal", proposal: proposalOf(other) });
    expect(requested("verify", output)).toEqual([]);
  });

  it("is not told where the one that relays stands by what it relays", () => {
    const bench = entered();
    bench.pass(T);
    expect(sent("certificates", bench.hear(3, relay))).toEqual([]);
  });

  it("takes it in its own turn only", () => {
    expect(requested("verify", entered(0).hear(3, relay))).toEqual([]);
  });
});
