import { describe, expect, it } from "vitest";
import type { BeforeAdmission } from "../../../src/node/intake/intake.ts";
import { unpaidOfClients } from "../../../src/primitives/member-shares.ts";
import { assembleOperation, type SignedOperation } from "../../../src/primitives/operation.ts";
import { creation, keyOf, sign, transfer, walletIdOf } from "../../ledger/fixture.ts";
import { IntakeRig, network, pay, peer } from "./intake-rig.ts";

describe("L21: an operation of a client", () => {
  it("comes into the pool and goes to every peer", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    expect(await rig.order(operation)).toEqual({ kind: "admitted" });
    expect(rig.pool.withKey(operation.key)).toBe(operation);
    expect(rig.sent).toEqual([operation.bytes]);
    expect(rig.grown).toBe(1);
  });

  it("that is in the pool already is not sent again; another body under its id is told apart", async () => {
    const rig = new IntakeRig();
    await rig.order(pay("a"));
    expect(await rig.order(pay("a"))).toEqual({ kind: "admitted" });
    expect(await rig.order(pay("a", 2n))).toMatchObject({ kind: "otherBody" });
    expect(rig.sent).toHaveLength(1);
  });

  it("that is final already is answered from the index, though its window be over", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    rig.finalize(operation, true);
    const location = { height: 2, index: 0 };
    expect(await rig.order(operation)).toEqual({ kind: "ordered", location });
    expect(await rig.order(pay("a", 2n))).toEqual({ kind: "ordered", location });
    expect(rig.pool.size).toBe(0);
  });

  it("that becomes final while the index is asked does not come into the pool again", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    rig.whileLocating = () => {
      rig.whileLocating = () => undefined;
      rig.finalize(operation, false);
    };
    expect(await rig.order(operation)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(0);
    expect(rig.sent).toEqual([]);
  });

  it("that becomes final while it is journaled does not come into the pool again", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    const keep: BeforeAdmission = async (signed) => {
      await Promise.resolve();
      rig.finalize(operation, false);
      return signed;
    };
    expect(await rig.order(operation, keep)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(0);
    expect(rig.sent).toEqual([]);
  });

  it("that its wallet cannot pay any more when it is journaled is refused, not pooled as a payment", async () => {
    const rig = new IntakeRig();
    const keep: BeforeAdmission = async (signed) => {
      await Promise.resolve();
      rig.finalize(pay("other", 60n), true);
      return signed;
    };
    expect(await rig.order(pay("a", 60n), keep)).toEqual({
      kind: "refused",
      reason: "insufficientFunds",
    });
    expect([rig.pool.size, rig.sent.length]).toEqual([0, 0]);
  });

  it("that a peer brought in while it is journaled is held once", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    const keep: BeforeAdmission = async (signed) => {
      await rig.intake.fromPeer(peer, [operation.bytes]);
      return signed;
    };
    expect(await rig.order(operation, keep)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(1);
  });

  it("L24: is journaled only when nothing speaks against it", async () => {
    const rig = new IntakeRig();
    const kept: SignedOperation[] = [];
    const keep: BeforeAdmission = (signed) => {
      kept.push(signed);
      return Promise.resolve(signed);
    };
    const forged = sign(network, pay("a").operation, keyOf("mallory"));
    expect(await rig.order(forged, keep)).toEqual({ kind: "wrongSignature" });
    expect(await rig.order(pay("b", 0n), keep)).toEqual({
      kind: "invalid",
      reason: "zeroAmount",
    });
    expect(await rig.order(pay("c", 101n), keep)).toEqual({
      kind: "refused",
      reason: "insufficientFunds",
    });
    expect(await rig.order(pay("d", 1n, "absent"), keep)).toEqual({
      kind: "unknownPayer",
    });
    expect(kept).toEqual([]);
    expect(rig.sent).toEqual([]);
  });

  it("does not leave if another one left under its id before", async () => {
    const rig = new IntakeRig();
    const held = pay("a", 2n);
    const verdict = await rig.order(pay("a"), () => Promise.resolve(held));
    expect(verdict).toEqual({ kind: "otherBody", held });
    expect(rig.sent).toEqual([]);
  });

  it("finds no room when the clients of this node have filled their share", async () => {
    const rig = new IntakeRig();
    for (const id of ["a", "b", "c"]) await rig.order(pay(id));
    expect(await rig.order(pay("d"))).toEqual({ kind: "poolFull" });
    await rig.intake.fromPeer(peer, [pay("e").bytes]);
    expect(rig.pool.size).toBe(4);
  });
});

describe("L22: a peer's batch", () => {
  it("is taken but for what is wrong, and is one event for consensus", async () => {
    const rig = new IntakeRig();
    rig.finalize(pay("final"), true);
    const { operation, signature } = pay("foreign");
    const foreign = assembleOperation(network.context.hash, new Uint8Array(32).fill(9), {
      operation,
      signature,
    });
    const [good, tooMuch] = [pay("good"), pay("too much", 1_000n)];
    const { forged, unpaid } = await rig.intake.fromPeer(peer, [
      new Uint8Array(9),
      foreign.bytes,
      sign(network, pay("forged").operation, keyOf("mallory")).bytes,
      pay("zero", 0n).bytes,
      pay("final").bytes,
      good.bytes,
      good.bytes,
      tooMuch.bytes,
    ]);
    expect(forged).toBe(3);
    expect(unpaid).toEqual([tooMuch.bytes]);
    expect([...rig.pool.operations()].map(({ bytes }) => bytes)).toEqual([good.bytes]);
    expect(rig.grown).toBe(1);
    await rig.intake.unpaidFromPeer(peer, unpaid);
    expect(rig.pool.withKey(tooMuch.key)).toBeDefined();
    expect(rig.sent).toEqual([]);
  });

  it("is no work as far as its authors are unknown; it comes in when they appear", async () => {
    const rig = new IntakeRig();
    await rig.intake.unpaidFromPeer(peer, [pay("early", 1n, "carol").bytes]);
    expect([rig.pool.size, rig.waitingRoom.size, rig.grown]).toEqual([0, 1, 0]);
    rig.chain.add(creation(network, { name: "carol", balance: 3n }));
    await rig.intake.release([walletIdOf(network, "carol")]);
    expect([rig.pool.size, rig.waitingRoom.size, rig.grown]).toEqual([1, 0, 1]);
  });

  it("brings nothing in that becomes final while the index is asked", async () => {
    const rig = new IntakeRig();
    const operation = pay("a");
    let asked = 0;
    rig.whileLocating = () => {
      asked += 1;
      rig.finalize(operation, false);
    };
    await rig.intake.fromPeer(peer, [operation.bytes]);
    expect(asked).toBe(1);
    expect(rig.pool.size).toBe(0);
  });
});

describe("T5: what a peer brings at no cost of its own", () => {
  const many = <T>(count: number, make: (number: number) => T) =>
    Array.from({ length: count }, (_, i) => make(i));
  const wallets = many(40, (i) => creation(network, { name: `new ${i}` }).bytes);

  it.each([
    ["wallets without money", wallets],
    ["transfers that cannot be borne", many(40, (i) => pay(`${i}`, 1_000n).bytes)],
    ["transfers of unknown wallets", many(40, (i) => pay(`${i}`, 1n, "carol").bytes)],
  ])("is given back unchecked: %s", async (_, operations) => {
    const rig = new IntakeRig(10_000);
    expect(await rig.intake.fromPeer(peer, operations)).toEqual({ forged: 0, unpaid: operations });
    expect([rig.checked, rig.pool.size, rig.waitingRoom.size]).toEqual([0, 0, 0]);
    const few = operations.slice(0, 2);
    expect(await rig.intake.unpaidFromPeer(peer, few)).toEqual({ forged: 0, unpaid: [] });
    expect(rig.pool.size + rig.waitingRoom.size).toBe(2);
  });

  it("is not checked when the pool has no room for it", async () => {
    const rig = new IntakeRig(8);
    await rig.intake.unpaidFromPeer(peer, wallets);
    expect(rig.pool.size).toBe(1);
    expect(rig.checked, "the wallet's signature and its sponsor's").toBe(2);
    const { unpaid } = await rig.intake.fromPeer(peer, wallets);
    expect(unpaid, "its turn tells whether there is room by then").toHaveLength(wallets.length - 1);
  });

  it("that is final already is not looked for in the store", async () => {
    const rig = new IntakeRig();
    let asked = 0;
    rig.whileLocating = () => {
      asked += 1;
    };
    rig.finalize(pay("a"), true);
    await rig.intake.fromPeer(peer, [pay("a").bytes]);
    expect([asked, rig.checked]).toEqual([0, 0]);
  });

  it("is what goes above the payments under way of its wallet, too", async () => {
    const rig = new IntakeRig(10_000);
    await rig.order(pay("a", 60n));
    const [rest, more] = [pay("b", 40n).bytes, pay("c", 41n).bytes];
    expect((await rig.intake.fromPeer(peer, [more])).unpaid).toEqual([more]);
    expect((await rig.intake.fromPeer(peer, [rest])).unpaid).toEqual([]);
    expect(rig.pool.size).toBe(2);
  });
});

describe("T9: what costs its author nothing", () => {
  const { sponsored, uncovered } = unpaidOfClients(4);
  /** Of the burst, as one caller has it. */
  const alone = ({ burst }: { readonly burst: number }) => Math.ceil((3 * burst) / 4);

  it("comes in at a rate: orders above what a wallet's payments under way leave it", async () => {
    const rig = new IntakeRig(10_000);
    const overspend = (id: string) => rig.order(pay(id, 100n));
    expect(await overspend("covered")).toEqual({ kind: "admitted" });
    for (let i = 0; i < alone(uncovered); i++) {
      expect(await overspend(`${i}`)).toEqual({ kind: "admitted" });
    }
    const waitMs = 1_000 / uncovered.perSecond;
    expect(await overspend("more")).toMatchObject({ kind: "tooFast", of: "uncovered" });
    expect(rig.pool.withKey(pay("more", 100n).key)).toBeUndefined();
    expect(rig.sent).toHaveLength(alone(uncovered) + 1);
    // A pooled operation is admitted when it is repeated, and a covered one comes in.
    expect(await overspend("0")).toEqual({ kind: "admitted" });
    const ofBob = transfer(network, { from: "bob", to: "alice", amount: 5n, id: "of bob" });
    expect(await rig.order(ofBob)).toEqual({ kind: "admitted" });
    rig.monotonic += waitMs;
    expect(await overspend("more")).toEqual({ kind: "admitted" });
    expect(await overspend("still more")).toMatchObject({ kind: "tooFast" });
  });

  it("comes in at a rate, however many are signed at a time", async () => {
    const rig = new IntakeRig(10_000);
    const signed = Promise.withResolvers<void>();
    const orders = Array.from({ length: alone(uncovered) + 10 }, (_, i) =>
      rig.order(pay(`${i}`, 100n), async (operation) => {
        await signed.promise;
        return operation;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    signed.resolve();
    const kinds = (await Promise.all(orders)).map(({ kind }) => kind);
    // The wallet's balance covers one of them.
    expect(kinds.filter((kind) => kind === "admitted")).toHaveLength(alone(uncovered) + 1);
    expect(rig.sent).toHaveLength(alone(uncovered) + 1);
  });

  it("comes in at a rate: wallets without money; those with money come in as they are issued", async () => {
    const rig = new IntakeRig(10_000);
    const open = (name: string, balance?: bigint) =>
      rig.order(creation(network, { name, ...(balance && { balance }) }));
    for (let i = 0; i < alone(sponsored); i++) {
      expect(await open(`${i}`)).toEqual({ kind: "admitted" });
    }
    expect(await open("more")).toMatchObject({ kind: "tooFast", of: "sponsored" });
    expect(await open("issued", 1n)).toEqual({ kind: "admitted" });
    rig.monotonic += 1_000 / sponsored.perSecond;
    expect(await open("more")).toEqual({ kind: "admitted" });
  });

  it("is shared by the callers: one that uses up what it may leaves some to the next", async () => {
    const rig = new IntakeRig(10_000);
    const open = (name: string, caller: string) =>
      rig.order(creation(network, { name }), undefined, caller);
    for (let i = 0, kind = ""; kind !== "tooFast"; i++) ({ kind } = await open(`${i}`, "busy"));
    expect(await open("another's", "quiet")).toEqual({ kind: "admitted" });
  });
});

it("T15: while memory is nearly used up no new wallet comes in, and payments do", async () => {
  const rig = new IntakeRig();
  rig.memory.isFull = true;
  const wallets = [
    creation(network, { name: "new" }),
    creation(network, { name: "x", balance: 1n }),
  ];
  for (const operation of wallets) {
    expect(await rig.order(operation)).toEqual({ kind: "memoryShort" });
  }
  await rig.intake.fromPeer(peer, [...wallets.map(({ bytes }) => bytes), pay("a").bytes]);
  expect([...rig.pool.operations()].map(({ bytes }) => bytes)).toEqual([pay("a").bytes]);
  expect(await rig.order(pay("b"))).toEqual({ kind: "admitted" });
  rig.memory.isFull = false;
  expect(await rig.order(creation(network, { name: "new" }))).toEqual({
    kind: "admitted",
  });
});

describe("an operation that a proposal names", () => {
  it("needs to be itself and signed; its place is for execution to judge", async () => {
    const rig = new IntakeRig();
    const late = transfer(network, { from: "alice", to: "bob", amount: 1n, validUntil: 1 });
    for (const operation of [pay("good"), pay("too much", 1_000n), late]) {
      expect(await rig.intake.verifyFetched(operation.bytes)).toMatchObject({ key: operation.key });
    }
    for (const bytes of [
      new Uint8Array(9),
      pay("zero", 0n).bytes,
      sign(network, pay("forged").operation, keyOf("mallory")).bytes,
    ]) {
      expect(await rig.intake.verifyFetched(bytes)).toBeUndefined();
    }
  });
});
