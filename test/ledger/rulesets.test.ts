/**
 * Goal: which rules a block has follows from the genesis and the chain alone, and nothing but the approval of all members, in
 * the time of their plan, changes them.
 */
import { describe, expect, it } from "vitest";
import type { RulesetStart } from "../../src/ledger/genesis.ts";
import { genesisHeader } from "../../src/ledger/header.ts";
import { decodeNetworkRecord, encodeNetworkRecord } from "../../src/ledger/network-record.ts";
import { rulesetAt, unknownRulesetAfter } from "../../src/ledger/rulesets.ts";
import { restoreState, type State, stateRoot } from "../../src/ledger/state.ts";
import { decodeSignedOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import type { RulesetActivation } from "../../src/primitives/operations/ruleset-activation.ts";
import {
  activationId,
  decodeSignedApproval,
  encodeApproval,
  encodeSignedApproval,
  type RulesetPlan,
} from "../../src/primitives/ruleset-plan.ts";
import {
  block,
  cancellation,
  common,
  createNetwork,
  creation,
  keyOf,
  type Network,
  sign,
  start,
  statuses,
  transfer,
  tryBlock,
} from "./fixture.ts";

const PLAN: RulesetPlan = { ruleset: 2, from: 3, until: 6, version: "0.1.0" };
const older = createNetwork(4, undefined, {}, []);

interface Changes {
  /** Members that sign something else. */
  readonly wrong?: readonly number[];
  readonly approvals?: number;
  readonly author?: string;
  readonly id?: string;
  readonly by?: number;
}

function activation(network: Network, plan = PLAN, changes: Changes = {}): SignedOperation {
  const { hash, networkId } = network.context;
  const author = keyOf(changes.author ?? `identity ${changes.by ?? 0}`);
  const message = encodeApproval(networkId, plan);
  const operation: RulesetActivation = {
    kind: "rulesetActivation",
    ...common(author, changes.id ?? ""),
    ...(changes.id === undefined && { id: activationId(hash, networkId, plan) }),
    plan,
    approvals: network.identities
      .map((identity, i) =>
        identity.sign(changes.wrong?.includes(i) ? message.with(-1, 0xff) : message),
      )
      .slice(0, changes.approvals ?? 4),
  };
  return sign(network, operation, author);
}

const pay = (network: Network, n: number) =>
  transfer(network, { from: "alice", to: "bob", amount: 1n, id: `payment ${n}` });
const cancel = (network: Network, n: number) =>
  cancellation(network, { from: "alice", id: `cancelled ${n}` });

/** A chain up to this height, with two wallets. */
function chainTo(network: Network, height: number): State {
  let { state } = block(network, start(network), [
    creation(network, { name: "alice", balance: 100n }),
    creation(network, { name: "bob", balance: 1n }),
  ]);
  while (state.height < height) ({ state } = block(network, state, [pay(network, state.height)]));
  return state;
}

describe("L29: the ruleset of a height", () => {
  const starts: readonly RulesetStart[] = [
    { ruleset: 2, height: 10 },
    { ruleset: 5, height: 20 },
  ];

  it("is the highest that has begun, by the genesis or by an activation", () => {
    const at = (height: number, ruleset?: number) =>
      rulesetAt(
        { rulesets: starts },
        ruleset === undefined ? undefined : { ruleset, height: 15, version: "1" },
        height,
      );
    expect([1, 9, 10, 19, 20].map((height) => at(height))).toEqual([1, 1, 2, 2, 5]);
    expect([10, 14, 15, 19, 20].map((height) => at(height, 4))).toEqual([2, 2, 4, 4, 5]);
    expect(rulesetAt({}, undefined, 1_000_000)).toBe(1);
  });

  it("decides whether a block may order a cancellation, in a genesis that begins with it or later", () => {
    const later = createNetwork(4, undefined, {}, [{ ruleset: 2, height: 4 }]);
    const before = chainTo(later, 2);
    expect(tryBlock(later, before, [cancel(later, 1)])).toMatchObject({ reason: "kindNotActive" });
    expect(statuses(block(later, chainTo(later, 3), [cancel(later, 1)]))).toEqual(["applied"]);
    const never = tryBlock(older, chainTo(older, 50), [cancel(older, 1)]);
    expect(never).toMatchObject({ kind: "invalid", reason: "kindNotActive", index: 0 });
    const now = createNetwork();
    expect(statuses(block(now, chainTo(now, 1), [cancel(now, 1)]))).toEqual(["applied"]);
  });

  it("that this software does not know makes the block invalid for it, and says which version does", () => {
    const network = createNetwork(4, undefined, {}, [{ ruleset: 9, height: 4 }]);
    const state = chainTo(network, 3);
    expect(tryBlock(network, state, [])).toMatchObject({ reason: "rulesetUnknown" });
    expect(unknownRulesetAfter(network.context, state)?.message).toMatch(/height 4 has ruleset 9/);
    expect(unknownRulesetAfter(network.context, chainTo(network, 2))).toBeUndefined();
    const { context } = older;
    const hostile = { ruleset: 9, height: 4, version: "9.9\u001b[2J" };
    const { message = "" } = unknownRulesetAfter(context, { ...state, activation: hostile }) ?? {};
    expect(message).toContain("9.9");
    expect(message).not.toContain("\u001b");
  });
});

describe("L30: an activation", () => {
  it("approved by all members gives the next block the ruleset, and that of its own block stays", () => {
    const before = chainTo(older, 3);
    const order = activation(older);
    expect(tryBlock(older, before, [order, cancel(older, 1)])).toMatchObject({
      reason: "kindNotActive",
      index: 1,
    });
    const { state, results } = block(older, before, [order]);
    expect(results).toEqual([{ status: "applied" }]);
    expect(state.activation).toEqual({ ruleset: 2, height: 5, version: "0.1.0" });
    expect(state.ceremonyHash).not.toEqual(before.ceremonyHash);
    expect(statuses(block(older, state, [cancel(older, 1)]))).toEqual(["applied"]);
  });

  it("costs no payment: those beside it and after it are applied as before", () => {
    const execution = block(older, chainTo(older, 3), [
      pay(older, 90),
      activation(older),
      pay(older, 91),
    ]);
    expect(statuses(execution)).toEqual(["applied", "applied", "applied"]);
    expect(statuses(block(older, execution.state, [pay(older, 92)]))).toEqual(["applied"]);
  });

  it("is kept in the state that a restart and a snapshot give back, under the state root", () => {
    const { state } = block(older, chainTo(older, 3), [activation(older)]);
    const { networkId } = older.context;
    const record = decodeNetworkRecord(networkId, encodeNetworkRecord(networkId, state));
    if (record instanceof Error) throw record;
    const header = { ...genesisHeader(older.context), height: state.height, supply: state.supply };
    const restored = restoreState(older.context, {
      header,
      wallets: state.wallets,
      sponsored: [],
      record,
      usedIds: [],
    });
    expect(restored.activation).toEqual(state.activation);
    expect(stateRoot(older.context, restored)).toEqual(stateRoot(older.context, state));
    const without = { ...record, activation: undefined };
    const lied = restoreState(older.context, {
      header,
      wallets: state.wallets,
      sponsored: [],
      record: without,
      usedIds: [],
    });
    expect(stateRoot(older.context, lied)).not.toEqual(stateRoot(older.context, state));
  });

  const at3 = chainTo(older, 3);
  const seven = createNetwork(7, undefined, {}, []);
  it.each<[string, State, SignedOperation, string]>([
    ["before its time", chainTo(older, 1), activation(older), "activationNotDue"],
    ["after its time", chainTo(older, 6), activation(older), "activationNotDue"],
    [
      "without one member's approval",
      at3,
      activation(older, PLAN, { approvals: 3 }),
      "approvalMissing",
    ],
    ["with one wrong approval", at3, activation(older, PLAN, { wrong: [2] }), "wrongSignature"],
    ["by a stranger", at3, activation(older, PLAN, { author: "alice" }), "authorIsNotValidator"],
    ["under another id", at3, activation(older, PLAN, { id: "other" }), "activationIdIsNotPlans"],
    [
      "of a ruleset that the chain has",
      at3,
      activation(older, { ...PLAN, ruleset: 1 }),
      "rulesetNotNew",
    ],
    ["of another network", at3, activation(seven), "activationIdIsNotPlans"],
  ])("%s is invalid", (_, state, order, reason) => {
    expect(tryBlock(older, state, [order])).toMatchObject({ kind: "invalid", reason });
  });

  it("at the first and the last height of its plan is valid", () => {
    for (const height of [2, 5]) {
      expect(tryBlock(older, chainTo(older, height), [activation(older)]).kind).toBe("executed");
    }
  });

  it("is ordered once, by any member, and no other plan for its ruleset after it", () => {
    const { state } = block(older, at3, [activation(older)]);
    const again = activation(older, PLAN, { by: 1 });
    expect(again.key).toBe(activation(older).key);
    expect(tryBlock(older, state, [again])).toMatchObject({ reason: "idUsed" });
    const other = activation(older, { ...PLAN, until: 100 });
    expect(tryBlock(older, state, [other])).toMatchObject({ reason: "rulesetNotNew" });
    expect(tryBlock(older, at3, [activation(older), other])).toMatchObject({ index: 1 });
  });

  it("reads back from its bytes, and from no others", () => {
    const { hash, networkId } = older.context;
    const order = activation(older);
    expect(decodeSignedOperation(hash, networkId, order.bytes)).toEqual(order);
    for (let i = 0; i < order.bytes.length; i += 7) {
      const cut = decodeSignedOperation(hash, networkId, order.bytes.slice(0, i));
      expect(cut).toBeInstanceOf(Error);
    }
  });
});

describe("L30: an approval", () => {
  const { networkId } = older.context;
  const [signer] = older.identities;
  const signature = signer?.sign(encodeApproval(networkId, PLAN)) ?? new Uint8Array(64);
  const bytes = encodeSignedApproval(networkId, { plan: PLAN, signature });

  it("reads back from its bytes, of its network alone", () => {
    expect(decodeSignedApproval(networkId, bytes)).toEqual({ plan: PLAN, signature });
    expect(decodeSignedApproval(new Uint8Array(32), bytes)).toMatchObject({ code: "wrongNetwork" });
    expect(decodeSignedApproval(networkId, bytes.slice(0, -1))).toBeInstanceOf(Error);
    expect(decodeSignedApproval(networkId, Uint8Array.from([...bytes, 0]))).toBeInstanceOf(Error);
  });
});
