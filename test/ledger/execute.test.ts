import { describe, expect, it } from "vitest";
import { BlockExecution } from "../../src/ledger/execute.ts";
import { placeAfter } from "../../src/ledger/place.ts";
import { planOperation } from "../../src/ledger/plan.ts";
import { assertConservation, type State } from "../../src/ledger/state.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { AMOUNT_MAX, amount } from "../../src/primitives/amount.ts";
import {
  leafHash,
  merkleRoot,
  pathThrough,
  verifyInclusion,
} from "../../src/primitives/merkle-tree.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import { encodeResultLeaf } from "../../src/primitives/result.ts";
import {
  balance,
  block,
  common,
  createNetwork,
  creation,
  fingerprint,
  sign,
  signaturesValid,
  start,
  statuses,
  transfer,
  wallet,
  walletIdOf,
} from "./fixture.ts";

const network = createNetwork();
const { context } = network;
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 1_000n }),
  creation(network, { name: "bob" }),
  creation(network, { name: "satoshi", asset: "BTC", balance: 50n }),
]).state;

describe("L11, L14: every status", () => {
  const step = (() => {
    const [signer] = network.identities;
    if (signer === undefined) throw new Error("a network has validators");
    const accused = validatorIndex(1);
    const fields = { attempt: 1, accused, ephemeralSecret: new Uint8Array(32) };
    const kind = "ceremonyComplaint";
    return sign(network, { kind, ...common(signer, "complain"), ...fields }, signer);
  })();
  const pay = (from: string, to: string, units: bigint) =>
    transfer(network, { from, to, amount: units });

  it.each<[string, string, SignedOperation]>([
    ["applied", "a transfer of the whole balance", pay("alice", "bob", 1_000n)],
    ["applied", "a creation with money", creation(network, { name: "carol", balance: 1n })],
    ["applied", "a creation without money", creation(network, { name: "carol" })],
    ["unknownPayee", "a transfer to an unknown wallet", pay("alice", "absent", 1n)],
    ["assetMismatch", "a transfer to another asset", pay("alice", "satoshi", 1n)],
    ["insufficientFunds", "a transfer of more than there is", pay("alice", "bob", 1_001n)],
    ["insufficientFunds", "a transfer from an empty wallet", pay("bob", "alice", 1n)],
    ["overflow", "an issue past 2^64 - 1", creation(network, { name: "c", balance: AMOUNT_MAX })],
    ["ceremonyStepOutOfPlace", "a complaint without a ceremony", step],
  ])("%s: %s", (status, _, operation) => {
    expect(statuses(block(network, state, [operation]))).toEqual([status]);
  });

  it("expired: within grace after the deadline", () => {
    const validUntil = state.time + 10;
    const late = transfer(network, { from: "alice", to: "bob", amount: 1n, validUntil });
    expect(statuses(block(network, state, [late], validUntil))).toEqual(["applied"]);
    expect(statuses(block(network, state, [late], validUntil + 1))).toEqual(["expired"]);
  });

  it("walletExists: the same key and creation id by another author", () => {
    const issued = creation(network, { name: "bob", balance: 5n });
    const next = block(network, state, [issued]);
    expect(statuses(next)).toEqual(["walletExists"]);
    expect(next.roots.supply).toEqual(state.supply);
    expect(balance(network, next.state, "bob")).toBe(0n);
  });

  it("overflow: a payee at the brim (which conservation rules out, so on a made-up state)", () => {
    const bob = wallet(network, state, "bob");
    if (bob === undefined) throw new Error("bob has a wallet");
    const honest = placeAfter(context, state, state.time);
    const brim = { ...bob, balance: amount(AMOUNT_MAX) };
    const place = {
      ...honest,
      wallet: (id: typeof bob.id) => (id === bob.id ? brim : honest.wallet(id)),
    };
    const plan = planOperation(context, place, pay("alice", "bob", 1n));
    expect(plan).toEqual({ kind: "declined", reason: "overflow" });
  });
});

describe("L11: the first reason that holds is given", () => {
  const expired = { validUntil: state.time - 1 };

  it.each<[string, string, SignedOperation]>([
    [
      "expired",
      "before unknown payee",
      transfer(network, { from: "alice", to: "absent", amount: 9_999n, ...expired }),
    ],
    [
      "expired",
      "before wallet exists",
      creation(network, { name: "bob", balance: AMOUNT_MAX, ...expired }),
    ],
    ["walletExists", "before overflow", creation(network, { name: "bob", balance: AMOUNT_MAX })],
    [
      "unknownPayee",
      "before funds",
      transfer(network, { from: "alice", to: "absent", amount: 9_999n }),
    ],
    [
      "assetMismatch",
      "before funds",
      transfer(network, { from: "alice", to: "satoshi", amount: 9_999n }),
    ],
  ])("%s %s", (reason, _, operation) => {
    expect(statuses(block(network, state, [operation]))).toEqual([reason]);
  });
});

describe("L10: every check is made at the operation's place", () => {
  it("money that came earlier in the block can be spent, money that comes later cannot", () => {
    const fund = transfer(network, { from: "alice", to: "bob", amount: 10n });
    const spend = transfer(network, { from: "bob", to: "alice", amount: 10n });
    expect(statuses(block(network, state, [fund, spend]))).toEqual(["applied", "applied"]);
    const [early, late] = statuses(block(network, state, [spend, fund]));
    expect([early, late]).toEqual(["insufficientFunds", "applied"]);
  });

  it("a wallet can pay and be paid in the block that creates it", () => {
    const operations = [
      creation(network, { name: "carol", balance: 5n }),
      transfer(network, { from: "carol", to: "bob", amount: 5n }),
      transfer(network, { from: "bob", to: "carol", amount: 2n }),
    ];
    const next = block(network, state, operations).state;
    expect(balance(network, next, "carol")).toBe(2n);
    expect(balance(network, next, "bob")).toBe(3n);
  });

  it("of two transfers of the whole balance exactly one is applied", () => {
    const operations = [
      transfer(network, { from: "alice", to: "bob", amount: 1_000n, id: "one" }),
      transfer(network, { from: "alice", to: "bob", amount: 1_000n, id: "two" }),
    ];
    expect(statuses(block(network, state, operations))).toEqual(["applied", "insufficientFunds"]);
  });

  it("L12: issues in one block add up to the limit and not past it", () => {
    const rest = AMOUNT_MAX - (state.supply[0] ?? amount(0n));
    const operations = [
      creation(network, { name: "one", balance: rest }),
      creation(network, { name: "two", balance: 1n }),
      creation(network, { name: "three", asset: "BTC", balance: 1n }),
    ];
    const next = block(network, state, operations);
    expect(statuses(next)).toEqual(["applied", "overflow", "applied"]);
    expect(next.roots.supply).toEqual([AMOUNT_MAX, 51n]);
    expect(wallet(network, next.state, "two")).toBeUndefined();
    assertConservation(next.state);
  });
});

describe("what an execution tells", () => {
  const operations = [
    transfer(network, { from: "alice", to: "bob", amount: 10n }),
    transfer(network, { from: "alice", to: "satoshi", amount: 10n }),
    creation(network, { name: "carol", balance: 7n }),
  ];
  const execution = block(network, state, operations, state.time + 5);

  it("L17: the roots are RFC 9162 trees over operations and result leaves", () => {
    const { roots, results, resultLevels } = execution;
    expect(roots.operationCount).toBe(3);
    const bytes = operations.map((operation) => leafHash(sha256, operation.bytes));
    expect(roots.operationsRoot).toEqual(merkleRoot(sha256, bytes));
    const leaves = operations.map((operation, i) => {
      const result = results[i];
      if (result === undefined) expect.fail("one result for each operation");
      return leafHash(sha256, encodeResultLeaf(context.networkId, operation, result));
    });
    expect(roots.resultsRoot).toEqual(merkleRoot(sha256, leaves));
    for (const [index, leaf] of leaves.entries()) {
      const path = pathThrough(resultLevels, index);
      const claim = { leafHash: leaf, index, count: 3, path, root: roots.resultsRoot };
      expect(verifyInclusion(sha256, claim), `result ${index}`).toBe(true);
    }
    expect(block(network, state, []).roots.resultsRoot).toEqual(sha256(new Uint8Array()));
  });

  it("the wallets that changed, as they are now, and the counts", () => {
    const names = ["alice", "bob", "carol"];
    const expected = names.map((name) => wallet(network, execution.state, name));
    const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
    expect(execution.touched.toSorted(byId)).toEqual(
      expected.filter((record) => record !== undefined).sort(byId),
    );
    expect(execution.roots.walletCount).toBe(4);
    expect(execution.roots.supply).toEqual([1_007n, 50n]);
    expect(execution.state.height).toBe(2);
    expect(execution.state.time).toBe(state.time + 5);
  });

  it("applied entries alone move a statement, payer's and payee's alike", () => {
    const entries = (name: string) => wallet(network, execution.state, name)?.entries;
    expect(["alice", "bob", "carol", "satoshi"].map(entries)).toEqual([2, 2, 1, 1]);
    const head = (name: string, of: State) => wallet(network, of, name)?.statementHead;
    expect(head("satoshi", execution.state)).toEqual(head("satoshi", state));
    expect(head("alice", execution.state)).not.toEqual(head("alice", state));
  });

  it("an empty block changes time and height, no root of wallets", () => {
    const empty = block(network, state, [], state.time + 9);
    expect(empty.roots.stateRoot).toEqual(block(network, state, []).roots.stateRoot);
    expect(empty.state.wallets.root()).toEqual(state.wallets.root());
    expect(empty.roots.operationsRoot).toEqual(sha256(new Uint8Array()));
    expect(empty.touched).toEqual([]);
  });
});

it("a leader can leave out what turns out invalid: it leaves no trace", () => {
  const good = transfer(network, { from: "alice", to: "bob", amount: 10n });
  const [custodian] = network.custodians;
  if (custodian === undefined) throw new Error("a network has validators");
  const bad = sign(network, good.operation, custodian);
  const input = { state, time: state.time + 1, signaturesValid: signaturesValid(network) };
  const building = new BlockExecution(context, input);
  expect(building.add(bad)).toEqual({ kind: "invalid", reason: "wrongSignature" });
  expect(building.add(good)).toEqual({ kind: "ordered", result: { status: "applied" } });
  expect(building.add(good)).toEqual({ kind: "invalid", reason: "idUsed" });
  const built = building.finish();
  expect(built).toEqual(block(network, state, [good]));
  expect(fingerprint(built.state)).toBe(fingerprint(block(network, state, [good]).state));
});

it("branches on one state do not see each other", () => {
  const mark = fingerprint(state);
  const left = block(network, state, [
    transfer(network, { from: "alice", to: "bob", amount: 1_000n }),
  ]).state;
  const right = block(network, state, [
    creation(network, { name: "carol" }),
    transfer(network, { from: "alice", to: "carol", amount: 600n }),
  ]).state;
  expect(fingerprint(state)).toBe(mark);
  expect(balance(network, left, "alice")).toBe(0n);
  expect(balance(network, right, "alice")).toBe(400n);
  expect(wallet(network, left, "carol")).toBeUndefined();
  expect(walletIdOf(network, "carol")).toBe(wallet(network, right, "carol")?.id);
});
