import { describe, expect, it } from "vitest";
import { Pool } from "../../../src/mempool/pool.ts";
import { WaitingRoom } from "../../../src/mempool/waiting-room.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { type BeforeAdmission, Intake } from "../../../src/node/intake/intake.ts";
import { VerifiedOperations } from "../../../src/node/intake/verified-operations.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { assembleOperation, type SignedOperation } from "../../../src/primitives/operation.ts";
import type { OperationLocation } from "../../../src/storage/contracts.ts";
import {
  CREATED_AT,
  createNetwork,
  creation,
  keyOf,
  sign,
  transfer,
  walletIdOf,
} from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const [self, peer] = [validatorIndex(0), validatorIndex(1)];

function pay(id: string, amount = 1n, from = "alice"): SignedOperation {
  return transfer(network, { from, to: "bob", amount, id });
}

/** An intake on a chain of its own. Its index answers as a store does: only after a commit. */
class Rig {
  readonly chain = new Chain(network);
  readonly pool: Pool;
  readonly waitingRoom = new WaitingRoom({ perSenderMax: 2 });
  readonly sent: Bytes[] = [];
  readonly index = new Map<string, OperationLocation>();
  /** Runs while the intake waits for its store. */
  whileLocating: () => void = () => undefined;
  grown = 0;
  readonly memory = { isFull: false };
  monotonic = 0;
  /** The number of checked signatures. */
  checked = 0;
  readonly intake: Intake;

  constructor(operationsPerSenderMax = 3) {
    this.pool = new Pool({ operationsPerSenderMax, bytesPerSenderMax: 1_000_000 });
    this.chain.add(
      creation(network, { name: "alice", balance: 100n }),
      creation(network, { name: "bob", balance: 5n }),
    );
    const { context } = network;
    const { chain } = this;
    this.intake = new Intake({
      context,
      self,
      pool: this.pool,
      waitingRoom: this.waitingRoom,
      verified: new VerifiedOperations(context, {
        check: (checks) => {
          this.checked += checks.length;
          return inlineChecker.check(checks);
        },
      }),
      system: {
        monotonic: () => this.monotonic,
        wall: () => CREATED_AT + 100,
        after: () => () => undefined,
        entropy: () => key,
      },
      application: {
        get finalState() {
          const last = chain.executed.at(-1);
          if (last === undefined) throw new Error("an empty chain");
          return last.execution.state;
        },
      },
      memory: this.memory,
      store: {
        operations: {
          loadOperation: async (of) => {
            const found = this.index.get(of);
            await Promise.resolve();
            this.whileLocating();
            return found;
          },
        },
      },
      links: { send: (_, { operations = [] }) => void this.sent.push(...operations) },
      log: createLog("node1", "silent"),
      consensus: {
        reassess: () => {
          this.grown += 1;
        },
      },
    });
  }

  /** Makes it final, and puts it into the index only if `committed`. */
  finalize(operation: SignedOperation, committed: boolean): void {
    this.chain.add(operation);
    this.pool.settle([operation.key], CREATED_AT, 0);
    if (committed) this.index.set(operation.key, { height: height(this.chain.height), index: 0 });
  }
}

const key = new Uint8Array(32);

describe("L21: an operation of a client", () => {
  it("comes into the pool and goes to every peer", async () => {
    const rig = new Rig();
    const operation = pay("a");
    expect(await rig.intake.fromClient(operation)).toEqual({ kind: "admitted" });
    expect(rig.pool.withKey(operation.key)).toBe(operation);
    expect(rig.sent).toEqual([operation.bytes]);
    expect(rig.grown).toBe(1);
  });

  it("that is in the pool already is not sent again; another body under its id is told apart", async () => {
    const rig = new Rig();
    await rig.intake.fromClient(pay("a"));
    expect(await rig.intake.fromClient(pay("a"))).toEqual({ kind: "admitted" });
    expect(await rig.intake.fromClient(pay("a", 2n))).toMatchObject({ kind: "otherBody" });
    expect(rig.sent).toHaveLength(1);
  });

  it("that is final already is answered from the index, though its window be over", async () => {
    const rig = new Rig();
    const operation = pay("a");
    rig.finalize(operation, true);
    const location = { height: 2, index: 0 };
    expect(await rig.intake.fromClient(operation)).toEqual({ kind: "ordered", location });
    expect(await rig.intake.fromClient(pay("a", 2n))).toEqual({ kind: "ordered", location });
    expect(rig.pool.size).toBe(0);
  });

  it("that becomes final while the index is asked does not come into the pool again", async () => {
    const rig = new Rig();
    const operation = pay("a");
    rig.whileLocating = () => {
      rig.whileLocating = () => undefined;
      rig.finalize(operation, false);
    };
    expect(await rig.intake.fromClient(operation)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(0);
    expect(rig.sent).toEqual([]);
  });

  it("that becomes final while it is journaled does not come into the pool again", async () => {
    const rig = new Rig();
    const operation = pay("a");
    const keep: BeforeAdmission = async (signed) => {
      await Promise.resolve();
      rig.finalize(operation, false);
      return signed;
    };
    expect(await rig.intake.fromClient(operation, keep)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(0);
    expect(rig.sent).toEqual([]);
  });

  it("that a peer brought in while it is journaled is held once", async () => {
    const rig = new Rig();
    const operation = pay("a");
    const keep: BeforeAdmission = async (signed) => {
      await rig.intake.fromPeer(peer, [operation.bytes]);
      return signed;
    };
    expect(await rig.intake.fromClient(operation, keep)).toEqual({ kind: "admitted" });
    expect(rig.pool.size).toBe(1);
  });

  it("L24: is journaled only when nothing speaks against it", async () => {
    const rig = new Rig();
    const kept: SignedOperation[] = [];
    const keep: BeforeAdmission = (signed) => {
      kept.push(signed);
      return Promise.resolve(signed);
    };
    const forged = sign(network, pay("a").operation, keyOf("mallory"));
    expect(await rig.intake.fromClient(forged, keep)).toEqual({ kind: "wrongSignature" });
    expect(await rig.intake.fromClient(pay("b", 0n), keep)).toEqual({
      kind: "invalid",
      reason: "zeroAmount",
    });
    expect(await rig.intake.fromClient(pay("c", 101n), keep)).toEqual({
      kind: "refused",
      reason: "insufficientFunds",
    });
    expect(await rig.intake.fromClient(pay("d", 1n, "nobody"), keep)).toEqual({
      kind: "unknownPayer",
    });
    expect(kept).toEqual([]);
    expect(rig.sent).toEqual([]);
  });

  it("does not leave if another one left under its id before", async () => {
    const rig = new Rig();
    const held = pay("a", 2n);
    const verdict = await rig.intake.fromClient(pay("a"), () => Promise.resolve(held));
    expect(verdict).toEqual({ kind: "otherBody", held });
    expect(rig.sent).toEqual([]);
  });

  it("finds no room when the clients of this node have filled their share", async () => {
    const rig = new Rig();
    for (const id of ["a", "b", "c"]) await rig.intake.fromClient(pay(id));
    expect(await rig.intake.fromClient(pay("d"))).toEqual({ kind: "poolFull" });
    await rig.intake.fromPeer(peer, [pay("e").bytes]);
    expect(rig.pool.size).toBe(4);
  });
});

describe("L22: a peer's batch", () => {
  it("is taken but for what is wrong, and is one event for consensus", async () => {
    const rig = new Rig();
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
    const rig = new Rig();
    await rig.intake.unpaidFromPeer(peer, [pay("early", 1n, "carol").bytes]);
    expect([rig.pool.size, rig.waitingRoom.size, rig.grown]).toEqual([0, 1, 0]);
    rig.chain.add(creation(network, { name: "carol", balance: 3n }));
    await rig.intake.release([walletIdOf(network, "carol")]);
    expect([rig.pool.size, rig.waitingRoom.size, rig.grown]).toEqual([1, 0, 1]);
  });

  it("brings nothing in that becomes final while the index is asked", async () => {
    const rig = new Rig();
    const operation = pay("a");
    let asked = 0;
    rig.whileLocating = () => {
      asked += 1;
      if (asked === 2) rig.finalize(operation, false);
    };
    await rig.intake.fromPeer(peer, [operation.bytes]);
    expect(asked).toBe(2);
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
    const rig = new Rig(10_000);
    expect(await rig.intake.fromPeer(peer, operations)).toEqual({ forged: 0, unpaid: operations });
    expect([rig.checked, rig.pool.size, rig.waitingRoom.size]).toEqual([0, 0, 0]);
    const few = operations.slice(0, 2);
    expect(await rig.intake.unpaidFromPeer(peer, few)).toEqual({ forged: 0, unpaid: [] });
    expect(rig.pool.size + rig.waitingRoom.size).toBe(2);
  });

  it("is not checked when the pool has no room for it", async () => {
    const rig = new Rig(8);
    await rig.intake.unpaidFromPeer(peer, wallets);
    expect(rig.pool.size).toBe(1);
    expect(rig.checked, "the wallet's signature and its sponsor's").toBe(2);
    const { unpaid } = await rig.intake.fromPeer(peer, wallets);
    expect(unpaid, "its turn tells whether there is room by then").toHaveLength(wallets.length - 1);
  });

  it("that is final already is not looked for in the store", async () => {
    const rig = new Rig();
    let asked = 0;
    rig.whileLocating = () => {
      asked += 1;
    };
    rig.finalize(pay("a"), true);
    await rig.intake.fromPeer(peer, [pay("a").bytes]);
    expect([asked, rig.checked]).toEqual([0, 0]);
  });

  it("is what goes above the payments under way of its wallet, too", async () => {
    const rig = new Rig(10_000);
    await rig.intake.fromClient(pay("a", 60n));
    const [rest, more] = [pay("b", 40n).bytes, pay("c", 41n).bytes];
    expect((await rig.intake.fromPeer(peer, [more])).unpaid).toEqual([more]);
    expect((await rig.intake.fromPeer(peer, [rest])).unpaid).toEqual([]);
    expect(rig.pool.size).toBe(2);
  });
});

describe("T9: what costs its author nothing", () => {
  const { sponsored, uncovered } = LIMITS.unpaidOfClients;

  it("comes in at a rate: orders above what a wallet's payments under way leave it", async () => {
    const rig = new Rig(10_000);
    const overspend = (id: string) => rig.intake.fromClient(pay(id, 100n));
    expect(await overspend("covered")).toEqual({ kind: "admitted" });
    for (let i = 0; i < uncovered.burst; i++) {
      expect(await overspend(`${i}`)).toEqual({ kind: "admitted" });
    }
    const waitMs = 1_000 / uncovered.perSecond;
    expect(await overspend("more")).toEqual({ kind: "tooFast", of: "uncovered", waitMs });
    expect(rig.pool.withKey(pay("more", 100n).key)).toBeUndefined();
    expect(rig.sent).toHaveLength(uncovered.burst + 1);
    // A pooled operation is admitted when it is repeated, and a covered one comes in.
    expect(await overspend("0")).toEqual({ kind: "admitted" });
    const ofBob = transfer(network, { from: "bob", to: "alice", amount: 5n, id: "of bob" });
    expect(await rig.intake.fromClient(ofBob)).toEqual({ kind: "admitted" });
    rig.monotonic += waitMs;
    expect(await overspend("more")).toEqual({ kind: "admitted" });
    expect(await overspend("still more")).toMatchObject({ kind: "tooFast" });
  });

  it("comes in at a rate, however many are signed at a time", async () => {
    const rig = new Rig(10_000);
    const signed = Promise.withResolvers<void>();
    const orders = Array.from({ length: uncovered.burst + 10 }, (_, i) =>
      rig.intake.fromClient(pay(`${i}`, 100n), async (operation) => {
        await signed.promise;
        return operation;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    signed.resolve();
    const kinds = (await Promise.all(orders)).map(({ kind }) => kind);
    // The wallet's balance covers one of them.
    expect(kinds.filter((kind) => kind === "admitted")).toHaveLength(uncovered.burst + 1);
    expect(rig.sent).toHaveLength(uncovered.burst + 1);
  });

  it("comes in at a rate: wallets without money; those with money come in as they are issued", async () => {
    const rig = new Rig(10_000);
    const open = (name: string, balance?: bigint) =>
      rig.intake.fromClient(creation(network, { name, ...(balance && { balance }) }));
    for (let i = 0; i < sponsored.burst; i++) {
      expect(await open(`${i}`)).toEqual({ kind: "admitted" });
    }
    const waitMs = 1_000 / sponsored.perSecond;
    expect(await open("more")).toEqual({ kind: "tooFast", of: "sponsored", waitMs });
    expect(await open("issued", 1n)).toEqual({ kind: "admitted" });
    rig.monotonic += waitMs;
    expect(await open("more")).toEqual({ kind: "admitted" });
  });
});

it("T15: while memory is nearly used up no new wallet comes in, and payments do", async () => {
  const rig = new Rig();
  rig.memory.isFull = true;
  const wallets = [
    creation(network, { name: "new" }),
    creation(network, { name: "x", balance: 1n }),
  ];
  for (const operation of wallets) {
    expect(await rig.intake.fromClient(operation)).toEqual({ kind: "memoryShort" });
  }
  await rig.intake.fromPeer(peer, [...wallets.map(({ bytes }) => bytes), pay("a").bytes]);
  expect([...rig.pool.operations()].map(({ bytes }) => bytes)).toEqual([pay("a").bytes]);
  expect(await rig.intake.fromClient(pay("b"))).toEqual({ kind: "admitted" });
  rig.memory.isFull = false;
  expect(await rig.intake.fromClient(creation(network, { name: "new" }))).toEqual({
    kind: "admitted",
  });
});

describe("an operation that a proposal names", () => {
  it("needs to be itself and signed; its place is for execution to judge", async () => {
    const rig = new Rig();
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
