import { describe, expect, it } from "vitest";
import { ceremonyMembers } from "../../src/ledger/ceremony-progress.ts";
import type { State } from "../../src/ledger/state.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { type ValidatorIndex, validatorIndex } from "../../src/primitives/numbers.ts";
import {
  complaintBody,
  confirmBody,
  openBody,
  play,
  round1Body,
  runningRecord,
  type StepBody,
  secretOf,
  sharesBody,
  step,
  type Until,
} from "./ceremony-fixture.ts";
import { BAD, block, createNetwork, start, statuses, tryBlock } from "./fixture.ts";

const network = createNetwork();
const indices = (...members: number[]): ValidatorIndex[] => members.map(validatorIndex);

const states: Record<Until | "start", State> = {
  start: start(network),
  round1: play(network, start(network), "round1"),
  shares: play(network, start(network), "shares"),
  confirm: play(network, start(network), "confirm"),
  final: play(network, start(network), "final"),
};
const opening = openBody(network, states.start);
const shares = sharesBody(network, states.shares.ceremony, 1);
const confirm = confirmBody(network, runningRecord(states.confirm), 1);

function statusOf(state: State, member: number, body: StepBody): string | undefined {
  return statuses(block(network, state, [step(network, state, member, body)]))[0];
}

describe("K1: every step has its place and no other", () => {
  const bodies: Record<string, StepBody> = {
    open: opening,
    round1: round1Body(1, 1),
    shares,
    confirm,
    complaint: complaintBody(1, 1, 2),
  };
  const places: Record<string, readonly string[]> = {
    open: ["start"],
    round1: ["round1"],
    shares: ["shares"],
    confirm: ["confirm"],
    complaint: ["confirm"],
  };
  const rows = Object.entries(bodies).flatMap(([name, body]) =>
    Object.entries(states).map(([at, state]) => ({ name, body, at, state })),
  );

  it.each(rows)("$name at $at", ({ name, body, at, state }) => {
    const expected = places[name]?.includes(at) ? "applied" : "ceremonyStepOutOfPlace";
    expect(statusOf(state, 1, body)).toBe(expected);
  });
});

describe("steps that are out of place", () => {
  const others = (bodies: readonly StepBody[]) => bodies;
  const twoSteps = (state: State, first: StepBody, second: StepBody) =>
    statuses(
      block(network, state, [step(network, state, 1, first), step(network, state, 1, second)]),
    );

  it.each(
    others([
      { ...opening, attempt: 0 } as StepBody,
      { ...opening, attempt: 2 } as StepBody,
      { ...opening, threshold: 2 } as StepBody,
      { ...opening, members: indices(0, 1, 2) } as StepBody,
      { ...opening, members: indices(3, 2, 1, 0) } as StepBody,
      { ...opening, members: indices(0, 1, 2, 3, 4) } as StepBody,
    ]),
  )("an opening that is not the computed one: %j", (body) => {
    expect(statusOf(states.start, 0, body)).toBe("ceremonyStepOutOfPlace");
  });

  it("K2: the first opening ordered counts, later ones do not", () => {
    const operations = [0, 1, 2].map((member) => step(network, states.start, member, opening));
    const execution = block(network, states.start, operations);
    expect(statuses(execution)).toEqual([
      "applied",
      "ceremonyStepOutOfPlace",
      "ceremonyStepOutOfPlace",
    ]);
  });

  it("a step of another attempt", () => {
    for (const attempt of [0, 2]) {
      expect(statusOf(states.round1, 1, round1Body(1, attempt))).toBe("ceremonyStepOutOfPlace");
    }
  });

  it("a step twice", () => {
    const twice = ["applied", "ceremonyStepOutOfPlace"];
    expect(twoSteps(states.round1, round1Body(1, 1), round1Body(1, 1))).toEqual(twice);
    expect(twoSteps(states.shares, shares, shares)).toEqual(twice);
    expect(twoSteps(states.confirm, confirm, confirm)).toEqual(twice);
  });

  it("a complaint of someone who confirmed", () => {
    const both = twoSteps(states.confirm, confirm, complaintBody(1, 1, 2));
    expect(both).toEqual(["applied", "ceremonyStepOutOfPlace"]);
  });

  it("a package that the judge refuses; a better one is taken after it", () => {
    const bad = { ...round1Body(1, 1), package: BAD } as StepBody;
    const both = twoSteps(states.round1, bad, round1Body(1, 1));
    expect(both).toEqual(["ceremonyStepOutOfPlace", "applied"]);
  });

  const item = (to: number) => ({ to: validatorIndex(to), ciphertext: utf8("x") });
  it.each<[string, readonly number[]]>([
    ["none", []],
    ["one missing", [0, 2]],
    ["one for itself", [0, 1, 2, 3]],
    ["one twice", [0, 2, 2]],
    ["out of order", [0, 3, 2]],
    ["one for a stranger", [0, 2, 3, 4]],
  ])("ciphertexts with %s", (_, receivers) => {
    const ciphertexts = receivers.map(item);
    const body: StepBody = { kind: "ceremonyShares", attempt: 1, ciphertexts };
    expect(statusOf(states.shares, 1, body)).toBe("ceremonyStepOutOfPlace");
  });

  it("a confirm of anything but the outcome", () => {
    if (confirm.kind !== "ceremonyConfirm") throw new Error("a confirm");
    const { verifyingShares } = confirm;
    const [first] = verifyingShares;
    if (first === undefined) throw new Error("four shares");
    const wrong = [
      { verifyingShares: verifyingShares.slice(1) },
      { verifyingShares: verifyingShares.slice(0, -1) },
      { verifyingShares: verifyingShares.with(0, { ...first, member: validatorIndex(1) }) },
      { verifyingShares: verifyingShares.toReversed() },
      { verifyingShares: verifyingShares.with(0, { ...first, share: new Uint8Array(32) }) },
      { verifyingShares: [...verifyingShares, first] },
    ];
    for (const change of wrong) {
      const body: StepBody = { ...confirm, ...change };
      expect(statusOf(states.confirm, 1, body)).toBe("ceremonyStepOutOfPlace");
    }
    // The certificate signature covers group key and transcript, so it has to be made again for them.
    const record = runningRecord(states.confirm);
    const { outcome } = record;
    if (outcome === undefined) throw new Error("there is an outcome");
    for (const name of ["groupKey", "transcriptHash"] as const) {
      const other = { ...record, outcome: { ...outcome, [name]: new Uint8Array(32).fill(7) } };
      const body = confirmBody(network, other, 1);
      expect(statusOf(states.confirm, 1, body)).toBe("ceremonyStepOutOfPlace");
    }
  });
});

it("a confirm whose certificate signature does not verify makes the block invalid", () => {
  if (confirm.kind !== "ceremonyConfirm") throw new Error("a confirm");
  const strange = confirmBody(network, runningRecord(states.confirm), 2);
  if (strange.kind !== "ceremonyConfirm") throw new Error("a confirm");
  const forged = [
    { ...confirm, certificateSignature: strange.certificateSignature },
    { ...confirm, groupKey: new Uint8Array(32).fill(7) },
    { ...confirm, transcriptHash: new Uint8Array(32).fill(7) },
  ];
  for (const body of forged) {
    const refused = tryBlock(network, states.confirm, [step(network, states.confirm, 1, body)]);
    expect(refused).toEqual({ kind: "invalid", reason: "wrongSignature", index: 0 });
  }
});

describe("K5: complaints", () => {
  /** Validator 2 sends validator 1 a wrong share. */
  const lied = (() => {
    const state = states.shares;
    const steps = indices(0, 1, 2, 3).map((member) => {
      const change = member === 2 ? { bad: 1 } : {};
      return step(network, state, member, sharesBody(network, state.ceremony, member, change));
    });
    return block(network, state, steps).state;
  })();
  const complain = (state: State, complainer: number, body: StepBody) =>
    block(network, state, [step(network, state, complainer, body)]);

  it("with cause end the attempt, name the liar and leave it out", () => {
    const { state } = complain(lied, 1, complaintBody(1, 1, 2));
    expect(state.ceremony).toEqual({
      kind: "idle",
      epoch: 1,
      attempt: 1,
      excluded: [2],
      ending: { kind: "complaint", complainer: 1, accused: 2, blamed: 2 },
    });
    expect(ceremonyMembers(network.context, state.ceremony)).toEqual([0, 1, 3]);
  });

  it("without cause, or with a strange secret, fall back on the complainer", () => {
    const excluded = (body: StepBody, complainer: number) =>
      complain(lied, complainer, body).state.ceremony.excluded;
    expect(excluded(complaintBody(1, 0, 2), 0)).toEqual([0]);
    const ephemeralSecret = secretOf(3, 1);
    const strange = { ...complaintBody(1, 1, 2), ephemeralSecret } as StepBody;
    expect(excluded(strange, 1)).toEqual([1]);
  });

  it("the first ends the attempt; others, and confirms, come too late", () => {
    const bodies: [number, StepBody][] = [
      [1, complaintBody(1, 1, 2)],
      [0, complaintBody(1, 0, 3)],
      [3, confirmBody(network, runningRecord(lied), 3)],
    ];
    const operations = bodies.map(([member, body]) => step(network, lied, member, body));
    const declined = "ceremonyStepOutOfPlace";
    expect(statuses(block(network, lied, operations))).toEqual(["applied", declined, declined]);
  });

  it("about oneself or a stranger are out of place", () => {
    expect(statusOf(lied, 1, complaintBody(1, 1, 1))).toBe("ceremonyStepOutOfPlace");
    expect(statusOf(lied, 1, complaintBody(1, 1, 4))).toBe("ceremonyStepOutOfPlace");
  });

  it("the blamed one takes no part in the next attempt, which can end well", () => {
    const { state } = complain(lied, 1, complaintBody(1, 1, 2));
    const body = openBody(network, state);
    expect(body).toMatchObject({ attempt: 2, members: [0, 1, 3] });
    expect(statusOf(state, 2, body)).toBe("ceremonyStepOutOfPlace");
    const opened = play(network, state, "round1");
    expect(statusOf(opened, 2, round1Body(2, 2))).toBe("ceremonyStepOutOfPlace");
    expect(statusOf(play(network, state, "confirm"), 1, complaintBody(2, 1, 2))).toBe(
      "ceremonyStepOutOfPlace",
    );
    expect(play(network, state, "final").ceremony).toMatchObject({ kind: "final", excluded: [2] });
  });

  it("no member is left out if all are needed", () => {
    const small = createNetwork(3);
    const state = play(small, start(small), "confirm");
    const next = block(small, state, [step(small, state, 0, complaintBody(1, 0, 1))]).state;
    expect(next.ceremony).toMatchObject({ kind: "idle", excluded: [], ending: { blamed: 0 } });
  });
});
