import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ceremonyDeadline,
  ceremonyMembers,
  ceremonyPhase,
  keyCertificateSoFar,
  nextOpening,
  owedStep,
} from "../../src/ledger/ceremony-progress.ts";
import type { State } from "../../src/ledger/state.ts";
import { verify } from "../../src/node/base/crypto.ts";
import { keyCertificateChecks } from "../../src/primitives/key-certificate.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import {
  complaintBody,
  confirmBody,
  openBody,
  play,
  round1Body,
  runningRecord,
  sharesBody,
  step,
} from "./ceremony-fixture.ts";
import { block, createNetwork, type Network, start, statuses } from "./fixture.ts";

const TIMEOUT_MS = 30_000;
const network = createNetwork();
const { context } = network;

const members = (of: Network, state: State) => ceremonyMembers(of.context, state.ceremony);
const owes = (state: State, member: number, now = state.time) =>
  owedStep(context, state.ceremony, { member: validatorIndex(member), now }).kind;

describe("a ceremony without a liar", () => {
  it("goes from open over round 1 and shares to confirm, and the key is final with the last one", () => {
    expect(start(network).ceremony.kind).toBe("idle");
    for (const phase of ["round1", "shares", "confirm"] as const) {
      const record = runningRecord(play(network, start(network), phase));
      expect(ceremonyPhase(context, record)).toBe(phase);
    }
    const final = play(network, start(network), "final").ceremony;
    expect(final).toMatchObject({ kind: "final", attempt: 1, excluded: [] });
  });

  it("the key certificate is complete in the block that makes the key final", () => {
    const { ceremony } = play(network, start(network), "final");
    if (ceremony.kind !== "final") throw new Error("the key is final");
    const certificate = keyCertificateSoFar(context, ceremony);
    if (certificate === undefined) throw new Error("there is a certificate");
    expect(certificate).toMatchObject({
      epoch: 1,
      threshold: 3,
      groupKey: ceremony.outcome.groupKey,
    });
    const checks = keyCertificateChecks(context.genesis.validators, certificate);
    expect(checks).toHaveLength(4);
    expect(checks?.every(verify)).toBe(true);
  });

  it("before that the certificate holds who confirmed so far, and none before the outcome", () => {
    const state = play(network, start(network), "confirm");
    const record = runningRecord(state);
    const confirm = step(network, state, 2, confirmBody(network, record, 2));
    const next = runningRecord(block(network, state, [confirm]).state);
    const signers = keyCertificateSoFar(context, next)?.signatures.map(({ signer }) => signer);
    expect(signers).toEqual([2]);
    const early = runningRecord(play(network, start(network), "shares"));
    expect(keyCertificateSoFar(context, early)).toBeUndefined();
  });

  it("the record does not depend on the order of the members' steps", () => {
    const opened = play(network, start(network), "round1");
    const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
    const run = ([first, second]: readonly [readonly number[], readonly number[]]) => {
      const one = block(
        network,
        opened,
        first.map((member) => step(network, opened, member, round1Body(member, 1))),
      ).state;
      return block(
        network,
        one,
        second.map((member) =>
          step(network, one, member, sharesBody(network, one.ceremony, member)),
        ),
      ).state;
    };
    const expected = run([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]).ceremonyHash;
    fc.assert(
      fc.property(fc.tuple(orders, orders), (pair) => {
        expect(run(pair).ceremonyHash).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("K3: the end of an attempt by time", () => {
  const opened = play(network, start(network), "round1");
  const deadline = runningRecord(opened).openedAt + TIMEOUT_MS;

  it("comes in the first block later than open time + timeout, an empty one too", () => {
    expect(block(network, opened, [], deadline).state.ceremony.kind).toBe("running");
    expect(block(network, opened, [], deadline + 1).state.ceremony).toMatchObject({
      kind: "idle",
      attempt: 1,
      ending: { kind: "deadline", missing: [0, 1, 2, 3] },
    });
  });

  it("comes after twice the time of the attempt before, up to what its steps may live", () => {
    const { lifetimeMsMax, clockSkewMs } = network.context.genesis.timings;
    const cap = lifetimeMsMax - 2 * clockSkewMs;
    let state = opened;
    const lengths: number[] = [];
    for (let attempt = 1; attempt <= 40; attempt++) {
      const record = runningRecord(state);
      expect(record.attempt).toBe(attempt);
      const end = ceremonyDeadline(network.context, record);
      lengths.push(end - record.openedAt);
      expect(block(network, state, [], end).state.ceremony.kind).toBe("running");
      const ended = block(network, state, [], end + 1).state;
      const open = step(network, ended, 0, openBody(network, ended));
      state = block(network, ended, [open], end + 2).state;
    }
    const doubled = lengths.map((_, i) => Math.min(cap, TIMEOUT_MS * 2 ** i));
    expect(lengths).toEqual(doubled);
    expect(lengths.at(-1)).toBe(cap);
  });

  it("leaves out who was missing at the earliest incomplete step", () => {
    const only = (
      state: State,
      who: readonly number[],
      body: (member: number) => ReturnType<typeof round1Body>,
    ) =>
      block(
        network,
        state,
        who.map((member) => step(network, state, member, body(member))),
      ).state;
    const inRound1 = only(opened, [0, 2, 3], (member) => round1Body(member, 1));
    expect(members(network, block(network, inRound1, [], deadline + 1).state)).toEqual([0, 2, 3]);
    const sharing = play(network, start(network), "shares");
    const inShares = only(sharing, [0, 1, 2], (member) =>
      sharesBody(network, sharing.ceremony, member),
    );
    const late = runningRecord(sharing).openedAt + TIMEOUT_MS + 1;
    expect(members(network, block(network, inShares, [], late).state)).toEqual([0, 1, 2]);
    const confirming = play(network, start(network), "confirm");
    const inConfirm = only(confirming, [3, 2, 1], (member) =>
      confirmBody(network, runningRecord(confirming), member),
    );
    expect(members(network, block(network, inConfirm, [], late).state)).toEqual([1, 2, 3]);
  });

  it("leaves out no member if more than f are missing", () => {
    const state = block(
      network,
      opened,
      [0, 1].map((member) => step(network, opened, member, round1Body(member, 1))),
    ).state;
    const next = block(network, state, [], deadline + 1).state;
    expect(next.ceremony).toMatchObject({ ending: { kind: "deadline", missing: [2, 3] } });
    expect(members(network, next)).toEqual([0, 1, 2, 3]);
  });

  it("K2: the next opening may stand in the block that ends the attempt, with the members it computes", () => {
    const state = block(
      network,
      opened,
      [0, 1, 2].map((member) => step(network, opened, member, round1Body(member, 1))),
    ).state;
    const body = openBody(network, state, deadline + 1);
    expect(body).toMatchObject({ attempt: 2, members: [0, 1, 2], threshold: 3 });
    const tooEarly = block(network, state, [step(network, state, 0, body)], deadline);
    expect(statuses(tooEarly)).toEqual(["ceremonyStepOutOfPlace"]);
    const ended = block(network, state, [], deadline + 1).state;
    const inTime = block(network, state, [step(network, ended, 0, body)], deadline + 1);
    expect(statuses(inTime)).toEqual(["applied"]);
    expect(inTime.state.ceremony).toMatchObject({
      kind: "running",
      attempt: 2,
      openedAt: deadline + 1,
      excluded: [3],
      round1: [],
    });
  });

  it("a late step is declined with its attempt: expired by its own deadline", () => {
    const late = step(network, opened, 1, round1Body(1, 1));
    expect(statuses(block(network, opened, [late], deadline))).toEqual(["applied"]);
    expect(statuses(block(network, opened, [late], deadline + 1))).toEqual(["expired"]);
  });
});

describe("K4: who is left out", () => {
  const big = createNetwork(7);
  /** Plays an attempt in which some members are silent from a step on, until its deadline has passed. */
  const fail = (state: State, silent: { readonly round1?: number; readonly confirm?: number }) => {
    const time = state.time + 1;
    let next = play(big, state, "round1", time);
    const who = () => members(big, next);
    const some = (
      absent: number | undefined,
      body: (member: number) => ReturnType<typeof round1Body>,
    ) => {
      const present = who().filter((member) => member !== absent);
      next = block(
        big,
        next,
        present.map((member) => step(big, next, member, body(member))),
      ).state;
    };
    const { attempt } = next.ceremony;
    some(silent.round1, (member) => round1Body(member, attempt));
    if (silent.round1 === undefined || !who().includes(validatorIndex(silent.round1))) {
      some(undefined, (member) => sharesBody(big, next.ceremony, member));
      some(silent.confirm, (member) => confirmBody(big, runningRecord(next), member));
    }
    if (next.ceremony.kind === "final") return next;
    return block(big, next, [], ceremonyDeadline(big.context, runningRecord(next)) + 1).state;
  };

  it("two faulty members that fail at different steps cannot take turns for ever", () => {
    const faults = { round1: 5, confirm: 6 };
    const first = fail(start(big), faults);
    expect(first.ceremony).toMatchObject({ kind: "idle", excluded: [5] });
    const second = fail(first, faults);
    expect(second.ceremony).toMatchObject({ kind: "idle", excluded: [5, 6] });
    expect(fail(second, faults).ceremony.kind).toBe("final");
  });

  it("a third one that fails takes the place of the earlier ones, so that t remain", () => {
    const two = fail(fail(start(big), { round1: 5 }), { confirm: 6 });
    const third = fail(two, { round1: 4 });
    expect(third.ceremony).toMatchObject({ excluded: [4] });
    expect(members(big, third)).toEqual([0, 1, 2, 3, 5, 6]);
  });
});

describe("K10: what a member owes", () => {
  it("its own next step, and nothing while it waits for others", () => {
    const genesis = start(network);
    expect([0, 1, 2, 3].map((member) => owes(genesis, member))).toEqual(new Array(4).fill("open"));
    const opened = play(network, genesis, "round1");
    expect(owes(opened, 1)).toBe("round1");
    const sent = block(network, opened, [step(network, opened, 1, round1Body(1, 1))]).state;
    expect([owes(sent, 1), owes(sent, 2)]).toEqual(["nothing", "round1"]);
    expect(owes(play(network, genesis, "shares"), 3)).toBe("shares");
    expect(owes(play(network, genesis, "confirm"), 3)).toBe("confirm");
    expect(owes(play(network, genesis, "final"), 3)).toBe("nothing");
  });

  it("the next opening once its clock is past the deadline, before any block says so", () => {
    const opened = play(network, start(network), "round1");
    const deadline = runningRecord(opened).openedAt + TIMEOUT_MS;
    expect(owes(opened, 1, deadline)).toBe("round1");
    expect(owes(opened, 1, deadline + 1)).toBe("open");
    const owed = owedStep(context, opened.ceremony, { member: validatorIndex(1), now: deadline });
    expect(owed).toEqual({ kind: "round1", attempt: 1, deadline });
  });

  it("nothing if it is left out", () => {
    const state = block(network, play(network, start(network), "confirm"), []).state;
    const accusing = step(network, state, 1, complaintBody(1, 1, 0));
    const next = block(network, state, [accusing]).state;
    expect(next.ceremony).toMatchObject({ kind: "idle", excluded: [1] });
    expect([owes(next, 1), owes(next, 0)]).toEqual(["nothing", "open"]);
    expect(nextOpening(context, next.ceremony, next.time)).toEqual({
      attempt: 2,
      members: [0, 2, 3],
      threshold: 3,
    });
  });
});
