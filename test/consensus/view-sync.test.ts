/** R17 to R19: peers that are behind are helped, peers ahead are asked. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { type Height, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { Certificate } from "../../src/primitives/vote.ts";
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
  nullifyOf,
  sent,
  T,
} from "./harness.ts";

const first = blockOn(GENESIS, 1);

/** A node in view 4, with a final block of view 1, so late that no vote counts as expectedly late. */
function inViewFour(): Bench {
  const bench = new Bench();
  bench.hearCertificates(notarization(first), finalization(first));
  bench.step({ kind: "fetched", blocks: [first] });
  bench.hearCertificates(nullification(2), nullification(3));
  bench.now += T;
  return bench;
}

function question(bench: Bench, from: number, to: number, block?: Uint8Array) {
  return bench.hear(2, { kind: "question", epoch: EPOCH, from: view(from), to: view(to), block });
}

function status(bench: Bench, at: number, finalHeight: Height, certificates: Certificate[] = []) {
  return bench.hear(2, { kind: "status", epoch: EPOCH, view: view(at), finalHeight, certificates });
}

describe("R17: help", () => {
  it("answers a message of a lower view with the certificate that leaves it, entry and finality", () => {
    const bench = inViewFour();
    const [answer] = sent("certificates", bench.hearNullify(2, 2, 1));
    expect(answer?.to).toBe(2);
    expect(certificatesIn(answer === undefined ? [] : [answer])).toEqual([
      "nullify 2",
      "nullify 3",
      "finalize 1",
    ]);
  });

  it("answers notarize votes, proposals and certificates from below as well", () => {
    const late = blockOn(first, 2);
    expect(sent("certificates", inViewFour().hearVote(notarizeOf(2, late)))).toHaveLength(1);
    expect(sent("certificates", inViewFour().hearProposal(late))).toHaveLength(1);
    expect(sent("certificates", inViewFour().hearCertificates(nullification(2)))).toHaveLength(1);
    expect(sent("certificates", inViewFour().hearCertificates(nullification(3)))).toEqual([]);
  });

  it("answers finalize of a view that is final here", () => {
    const [answer] = sent("certificates", inViewFour().hearVote(finalizeOf(2, first)));
    expect(certificatesIn(answer === undefined ? [] : [answer])).toContain("finalize 1");
  });

  it("answers a nullify of the same view whose sender's final height is lower", () => {
    const bench = inViewFour();
    expect(sent("certificates", bench.hearNullify(2, 4, 1))).toEqual([]);
    const answers = sent("certificates", bench.hearNullify(3, 4, 0));
    expect(certificatesIn(answers)).toContain("finalize 1");
  });

  it("does not answer a vote that comes right after the quorum it was not needed for", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(1));
    expect(sent("certificates", bench.hearNullify(3, 1))).toEqual([]);
    bench.now += T / 8;
    expect(sent("certificates", bench.hearNullify(3, 1))).toHaveLength(1);
  });

  it("answers one peer once in an eighth of the timeout", () => {
    const bench = inViewFour();
    expect(sent("certificates", bench.hearNullify(2, 2, 1))).toHaveLength(1);
    expect(sent("certificates", bench.hearNullify(2, 2, 1))).toEqual([]);
    expect(sent("certificates", bench.hearNullify(3, 2, 1))).toHaveLength(1);
    bench.now += T / 8;
    expect(sent("certificates", bench.hearNullify(2, 2, 1))).toHaveLength(1);
  });

  it("an idle node answers too, and stays idle", () => {
    const bench = inViewFour();
    bench.hearNullify(2, 2, 0);
    expect(bench.output.deadline).toBeUndefined();
  });
});

describe("R18: questions", () => {
  it("a message of a higher view makes the node ask its sender", () => {
    const bench = new Bench();
    const output = bench.hearVote(notarizeOf(3, blockOn(GENESIS, 5)));
    expect(sent("question", output)).toMatchObject([{ to: 3, message: { from: 1, to: 4 } }]);
    expect(sent("question", bench.hearProposal(blockOn(GENESIS, 5)))).toMatchObject([{ to: 1 }]);
  });

  it("finalize shows that its sender is in the view after", () => {
    const bench = new Bench();
    const output = bench.hearVote(finalizeOf(3, first));
    expect(sent("question", output)).toMatchObject([{ to: 3, message: { from: 1, to: 1 } }]);
  });

  it("is answered with what is held, newest first, and how far the answerer is", () => {
    const bench = inViewFour();
    expect(certificatesIn(sent("certificates", question(bench, 1, 9)))).toEqual([
      "nullify 3",
      "finalize 1",
      "nullify 2",
    ]);
  });

  it("the answer has the notarization of a named block, for any range", () => {
    const bench = new Bench();
    const second = blockOn(first, 2);
    bench.hearCertificates(notarization(first), notarization(second), nullification(2));
    const answers = sent("certificates", question(bench, 2, 2, first.hash));
    expect(certificatesIn(answers)).toContain("notarize 1");
  });

  it("an answer holds at most 64 certificates", () => {
    const bench = new Bench();
    for (let at = 1; at <= 100; at++) bench.hearCertificates(nullification(at));
    const names = certificatesIn(sent("certificates", question(bench, 1, 100)));
    expect(names.length).toBeGreaterThanOrEqual(LIMITS.certificatesPerMessageMax - 4);
    expect(names.length).toBeLessThanOrEqual(LIMITS.certificatesPerMessageMax);
    expect(names.slice(0, 2)).toEqual(["nullify 100", "nullify 99"]);
  });

  it("the way to a view is shown from finality on, however many views lie below", () => {
    const bench = new Bench();
    const late = blockOn(GENESIS, 2 ** 52);
    bench.hearCertificates(notarization(late), finalization(late));
    bench.step({ kind: "fetched", blocks: [late] });
    bench.hearCertificates(nullification(2 ** 52 + 1));
    const shown = bench.core.standing(view(0)).map(({ subject }) => subject);
    expect(shown).toMatchObject([{ kind: "nullify", view: 2 ** 52 + 1 }]);
  });

  it("an absurd range costs nothing", () => {
    const bench = inViewFour();
    expect(sent("certificates", question(bench, 0, Number.MAX_SAFE_INTEGER))).toHaveLength(1);
  });

  it("8 questions of one peer are answered in an eighth of the timeout", () => {
    const bench = inViewFour();
    let answered = 0;
    for (let i = 0; i < 20; i++) answered += sent("certificates", question(bench, 1, 9)).length;
    expect(answered).toBe(LIMITS.answersPerIntervalMax);
    bench.now += T / 8;
    expect(sent("certificates", question(bench, 1, 9))).toHaveLength(1);
  });
});

describe("R19: status", () => {
  it("is sent to a peer whose link comes up", () => {
    const bench = inViewFour();
    bench.step({ kind: "connected", peer: validatorIndex(3) });
    const [message] = sent("status", bench.output);
    expect(message).toMatchObject({ to: 3, message: { view: 4, finalHeight: 1 } });
    expect(certificatesIn(sent("status", bench.output))).toEqual(["nullify 3", "finalize 1"]);
  });

  it("moves the receiver by its certificates", () => {
    const bench = new Bench();
    status(bench, 4, height(1), [nullification(3), finalization(first)]);
    expect(bench.core.status()).toMatchObject({ view: 4, knownFinalHeight: 1 });
  });

  it("of a peer that is behind is answered", () => {
    const bench = inViewFour();
    expect(certificatesIn(sent("certificates", status(bench, 2, height(1))))).toContain(
      "nullify 3",
    );
    bench.now += T;
    const answers = sent("certificates", status(bench, 4, height(0)));
    expect(certificatesIn(answers)).toContain("finalize 1");
  });

  it("of a peer that claims more than it shows changes nothing", () => {
    const bench = inViewFour();
    const output = status(bench, 1_000, height(1_000));
    expect(output.messages).toEqual([]);
    expect(bench.view).toBe(4);
  });
});

describe("what is known needs no signature check", () => {
  const bench = inViewFour();
  bench.hearVote(notarizeOf(2, blockOn(first, 4)));
  const known = { kind: "vote", vote: notarizeOf(2, blockOn(first, 4)) } as const;
  const entry = { kind: "certificates", certificates: [nullification(3)] } as const;

  it("the entry certificate again, and a vote that is counted", () => {
    expect(bench.core.filter(known)).toEqual({ kind: "known" });
    expect(bench.core.filter(entry)).toEqual({ kind: "known" });
  });

  it("nor what shows a sender that is behind: it is answered unchecked, and nothing is learned of it", () => {
    const old = { kind: "certificates", certificates: [nullification(2)] } as const;
    expect(bench.core.filter(old)).toEqual({ kind: "stale" });
    bench.pass(T);
    const output = bench.step({ kind: "stale", from: validatorIndex(2), message: old });
    expect(certificatesIn(sent("certificates", output))).toEqual(["nullify 3", "finalize 1"]);
    expect(output.journal).toEqual([]);
  });

  it("R17: nor a repeated nullify of a sender that lacks the finalization: it is helped each time", () => {
    const lagging = inViewFour();
    const vote = nullifyOf(2, 4);
    const nullify = { kind: "nullify", vote, finalHeight: height(0) } as const;
    lagging.hear(2, nullify);
    for (let repeated = 0; repeated < 3; repeated++) {
      lagging.pass(T);
      expect(lagging.core.filter(nullify)).toEqual({ kind: "stale" });
      const output = lagging.step({ kind: "stale", from: validatorIndex(2), message: nullify });
      expect(certificatesIn(sent("certificates", output))).toContain("finalize 1");
    }
    const upToDate = { ...nullify, finalHeight: height(1) };
    expect(lagging.core.filter(upToDate)).toEqual({ kind: "known" });
  });

  it("R18: nor a repeated vote of a sender that is a view ahead: it is asked each time", () => {
    const behind = inViewFour();
    const vote = { kind: "vote", vote: notarizeOf(2, blockOn(first, 5)) } as const;
    behind.hear(2, vote);
    for (let repeated = 0; repeated < 3; repeated++) {
      behind.pass(T);
      expect(behind.core.filter(vote)).toEqual({ kind: "stale" });
      const output = behind.step({ kind: "stale", from: validatorIndex(2), message: vote });
      expect(sent("question", output).map(({ to }) => to)).toEqual([2]);
    }
  });

  it("but what may be evidence, or count", () => {
    const other = { kind: "vote", vote: notarizeOf(2, blockOn(GENESIS, 4)) } as const;
    const finalize = { kind: "vote", vote: finalizeOf(2, blockOn(first, 3)) } as const;
    for (const message of [other, finalize]) {
      expect(bench.core.filter(message)).toEqual({ kind: "news", message });
    }
    const over = { kind: "vote", vote: finalizeOf(2, first) } as const;
    expect(bench.core.filter(over)).toEqual({ kind: "stale" });
  });

  it("R22: nor a third block that a signer votes for in one view, once two have proved its fault", () => {
    const lied = inViewFour();
    const vote = (text: string) => {
      const block = blockOn(first, 4, { operations: [text] });
      return { kind: "vote", vote: notarizeOf(2, block) } as const;
    };
    lied.hear(2, vote("a"));
    expect(lied.core.filter(vote("b")).kind).toBe("news");
    expect(lied.hear(2, vote("b")).evidence).toHaveLength(1);
    expect(lied.core.filter(vote("c"))).toEqual({ kind: "known" });
    const finalize = { kind: "vote", vote: finalizeOf(2, blockOn(first, 4)) } as const;
    expect(lied.core.filter(finalize).kind).toBe("news");
    const ofAnother = { kind: "vote", vote: notarizeOf(3, blockOn(first, 4)) } as const;
    expect(lied.core.filter(ofAnother).kind).toBe("news");
  });

  it("R21: nor a vote far ahead that is no newer than the one that is kept; its sender is asked", () => {
    const behind = inViewFour();
    const vote = (at: number) =>
      ({ kind: "vote", vote: notarizeOf(2, blockOn(first, at)) }) as const;
    behind.hear(2, vote(20));
    expect(behind.core.filter(vote(20))).toEqual({ kind: "stale" });
    expect(behind.core.filter(vote(19))).toEqual({ kind: "stale" });
    expect(behind.core.filter(vote(21)).kind).toBe("news");
    expect(behind.core.filter(vote(5)).kind).toBe("news");
    behind.pass(T);
    const output = behind.step({ kind: "stale", from: validatorIndex(2), message: vote(20) });
    expect(sent("question", output).map(({ to }) => to)).toEqual([2]);
  });

  it("and of many certificates only those that are new, and the highest, which shows how far their sender is", () => {
    const certificates = [nullification(7), nullification(3), nullification(2), nullification(6)];
    const many = { kind: "certificates", certificates } as const;
    bench.hearCertificates(nullification(7));
    expect(bench.core.filter(many)).toEqual({
      kind: "news",
      message: { kind: "certificates", certificates: [nullification(6), nullification(7)] },
    });
  });
});
