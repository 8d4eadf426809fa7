import { describe, expect, it } from "vitest";
import { poolKindOf } from "../../src/mempool/kinds.ts";
import { Pool } from "../../src/mempool/pool.ts";
import { WaitingRoom } from "../../src/mempool/waiting-room.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { roomOfSender } from "../../src/primitives/member-shares.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { assembleOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import { namedSigningKey, namedUuid, signOperation } from "../support/operations.ts";

const networkId = new Uint8Array(32).fill(1);
const alice = namedSigningKey("alice");
const [one, two] = [validatorIndex(1), validatorIndex(2)];

function transfer(id: string, value = 1n, validUntil = 1000): SignedOperation {
  return signOperation(networkId, alice, {
    kind: "transfer",
    author: alice.publicKey,
    id: namedUuid(id),
    validUntil,
    from: namedUuid("wallet of alice"),
    to: namedUuid("wallet of bob"),
    asset: "EUR",
    amount: amount(value),
  });
}

/** A creation without money, sponsored by this member; the pool does not check the signatures. */
function creation(name: string, sponsor: number): SignedOperation {
  const key = namedSigningKey(name);
  const operation = {
    kind: "walletCreation",
    author: key.publicKey,
    id: namedUuid(name),
    validUntil: 1000,
    publicKey: key.publicKey,
    asset: "EUR",
  } as const;
  const signature = new Uint8Array(64);
  return assembleOperation(sha256, networkId, {
    operation,
    signature,
    sponsor: { validator: validatorIndex(sponsor), signature },
  });
}

const roomy = { operationsPerSenderMax: 100, bytesPerSenderMax: 1_000_000 };

describe("the pool", () => {
  it("keeps operations in order of arrival", () => {
    const pool = new Pool(roomy);
    const operations = ["c", "a", "b"].map((id) => transfer(id));
    for (const operation of operations) expect(pool.add(operation, one)).toBe("added");
    expect([...pool.operations()]).toEqual(operations);
  });

  it("sums up what its payments take from a wallet, until they are settled", () => {
    const pool = new Pool(roomy);
    const wallet = namedUuid("wallet of alice");
    const [first, second, uncovered] = [transfer("a", 5n), transfer("b", 7n), transfer("c", 900n)];
    pool.add(first, one);
    pool.add(first, two);
    pool.add(second, two, "payment");
    pool.add(uncovered, one, "uncovered");
    expect(pool.underWay(wallet)).toBe(12n);
    expect(pool.underWay(namedUuid("wallet of bob"))).toBe(0n);
    pool.follow([{ operations: [first] }]);
    expect(pool.underWay(wallet)).toBe(12n);
    pool.settle([first.key, uncovered.key], 0, 0);
    expect(pool.underWay(wallet)).toBe(7n);
    pool.settle([], 2_000, 0);
    expect(pool.underWay(wallet)).toBe(0n);
  });

  it("tells the same bytes from another body under the same id, and keeps the first", () => {
    const pool = new Pool(roomy);
    const [first, second] = [transfer("x", 1n), transfer("x", 2n)];
    expect(pool.add(first, one)).toBe("added");
    expect(pool.add(first, two)).toBe("held");
    expect(pool.add(second, two)).toBe("otherBodyHeld");
    expect(pool.get(first.leafHash)).toBe(first);
    expect(pool.get(second.leafHash)).toBeUndefined();
  });

  it("bounds each sender by itself, in operations and in bytes", () => {
    const pool = new Pool({ operationsPerSenderMax: 2, bytesPerSenderMax: 1_000_000 });
    expect([1, 2, 3].map((i) => pool.add(transfer(`${i}`), one))).toEqual([
      "added",
      "added",
      "senderFull",
    ]);
    expect(pool.add(transfer("4"), two)).toBe("added");
    const bytes = transfer("5").bytes.length;
    const small = new Pool({ operationsPerSenderMax: 9, bytesPerSenderMax: bytes });
    expect(small.add(transfer("5"), one)).toBe("added");
    expect(small.add(transfer("6"), one)).toBe("senderFull");
    small.settle([transfer("5").key], 0, 0);
    expect(small.add(transfer("6"), one)).toBe("added");
  });

  it("L23: lets an operation go only when its id is settled or final time is past its window", () => {
    const pool = new Pool(roomy);
    const [settled, late, alive] = [transfer("a"), transfer("b", 1n, 500), transfer("c")];
    for (const operation of [settled, late, alive]) pool.add(operation, one);
    pool.settle([transfer("a", 9n).key], 600, 100);
    expect([...pool.operations()]).toEqual([late, alive]);
    pool.settle([], 601, 100);
    expect([...pool.operations()]).toEqual([alive]);
    expect(pool.size).toBe(1);
  });
});

describe("what a leader chooses from", () => {
  const kindOf = (operation: SignedOperation) => poolKindOf(operation);
  const all = (pool: Pool) => pool.first(1_000);

  it("gives payments every other place, and each other kind an eighth, however many wait", () => {
    const pool = new Pool(roomy);
    for (let i = 0; i < 12; i++) pool.add(creation(`empty ${i}`, 3), one);
    for (let i = 0; i < 6; i++) pool.add(transfer(`uncovered ${i}`), one, "uncovered");
    for (let i = 0; i < 50; i++) pool.add(transfer(`${i}`), one);
    const kinds = pool.first(32).map((operation) => kindOf(operation));
    expect(kinds.filter((kind) => kind === "sponsored")).toHaveLength(5);
    expect(new Set(kinds.slice(0, 2))).toContain("payment");
    expect(all(pool)).toHaveLength(68);
  });

  it("gives each sender and each sponsor its turn, oldest first", () => {
    const pool = new Pool(roomy);
    const [many, few] = [["a", "b", "c", "d"], ["e"]];
    for (const id of many) pool.add(transfer(id), one);
    for (const id of few) pool.add(transfer(id), two);
    const keys = all(pool).map(({ key }) => key);
    expect(keys.indexOf(transfer("e").key)).toBeLessThan(2);
    const own = keys.filter((key) => key !== transfer("e").key);
    expect(own).toEqual(many.map((id) => transfer(id).key));
    const sponsored = new Pool(roomy);
    for (const id of many) sponsored.add(creation(id, 3), one);
    sponsored.add(creation("e", 2), one);
    const sponsors = all(sponsored).map(({ sponsor }) => sponsor?.validator);
    expect(sponsors.indexOf(two)).toBeLessThan(2);
  });

  it("leaves a lane when it is told to, and goes on with the others", () => {
    const pool = new Pool(roomy);
    for (let i = 0; i < 5; i++) pool.add(creation(`of three ${i}`, 3), one);
    pool.add(creation("of two", 2), one);
    const selection = pool.select();
    const sponsors: unknown[] = [];
    for (let next = selection.next(); next !== undefined; next = selection.next()) {
      sponsors.push(next.sponsor?.validator);
      if (next.sponsor?.validator === 3) selection.leaveLane();
    }
    expect(sponsors.toSorted()).toEqual([2, 3]);
  });

  it("lacks what the branch has ordered, which comes back to its place with another branch", () => {
    const pool = new Pool(roomy);
    const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => transfer(id)) as [
      SignedOperation,
      SignedOperation,
      SignedOperation,
      SignedOperation,
    ];
    for (const operation of [a, b, c, d]) pool.add(operation, one);
    const [first, second] = [{ operations: [c, a] }, { operations: [b] }];
    pool.follow([first]);
    expect(all(pool)).toEqual([b, d]);
    pool.follow([first, second]);
    expect(all(pool)).toEqual([d]);
    expect(pool.size).toBe(4);
    pool.follow([second]);
    expect(all(pool)).toEqual([a, c, d]);
    pool.follow([first]);
    expect(all(pool)).toEqual([b, d]);
    pool.follow([]);
    expect(all(pool)).toEqual([a, b, c, d]);
  });

  it("lacks it also if it comes after the block that ordered it", () => {
    const pool = new Pool(roomy);
    const late = transfer("late", 1n, 700);
    const block = { operations: [late] };
    pool.follow([block]);
    expect(pool.add(late, one)).toBe("added");
    expect([all(pool), pool.firstDeadline(0)]).toEqual([[], undefined]);
    pool.follow([]);
    expect([all(pool), pool.firstDeadline(0)]).toEqual([[late], 700]);
    pool.settle([late.key], 0, 0);
    expect([all(pool), pool.firstDeadline(0), pool.size]).toEqual([[], undefined, 0]);
  });

  it("passes over what has its deadline outside of the window that is asked for", () => {
    const pool = new Pool(roomy);
    const [early, fits, late] = [400, 500, 600].map((until) => transfer(`${until}`, 1n, until));
    for (const each of [early, fits, late]) if (each !== undefined) pool.add(each, one);
    const selection = pool.select({ earliest: 500, latest: 599 });
    expect([selection.next(), selection.next()]).toEqual([fits, undefined]);
  });
});

describe("L23: the room of the pool", () => {
  it("is each kind's own: no flood of one takes the place of another", () => {
    const pool = new Pool({ operationsPerSenderMax: 16, bytesPerSenderMax: 1_000_000 });
    const verdicts = [1, 2, 3].map((i) => pool.add(creation(`empty ${i}`, 3), one));
    expect(verdicts).toEqual(["added", "added", "senderFull"]);
    expect(pool.add(transfer("uncovered one"), one, "uncovered")).toBe("added");
    expect(pool.add(transfer("nor this"), one, "uncovered")).toBe("senderFull");
    expect(pool.add(transfer("payment"), one)).toBe("added");
  });

  it("is bounded for each sponsor, for all senders of its creations together", () => {
    const pool = new Pool({ operationsPerSenderMax: 16, bytesPerSenderMax: 1_000_000 });
    expect(pool.add(creation("a", 3), one)).toBe("added");
    expect(pool.add(creation("b", 3), two)).toBe("added");
    expect(pool.add(creation("c", 3), two)).toBe("senderFull");
    expect(pool.add(creation("d", 2), two)).toBe("added");
  });

  it("T13: is so large for each member that all together stay within the bounds of a network", () => {
    for (const members of [2, 4, 31, LIMITS.validatorsMax]) {
      const { pool, inbox, waitingMax } = roomOfSender(members);
      const { operationsOfAllSendersMax, operationBytesOfAllSendersMax } = LIMITS;
      for (const count of [pool.operationsPerSenderMax, inbox.operationsMax, waitingMax]) {
        expect(count * members).toBeLessThanOrEqual(operationsOfAllSendersMax);
      }
      for (const bytes of [pool.bytesPerSenderMax, inbox.bytesMax]) {
        expect(bytes * members).toBeLessThanOrEqual(operationBytesOfAllSendersMax);
        expect(bytes).toBeGreaterThan(4 * LIMITS.operationBytesMax);
      }
    }
  });
});

describe("L22: the waiting room", () => {
  it("releases what waited for a wallet, oldest first, once", () => {
    const room = new WaitingRoom({ perSenderMax: 10 });
    const [a, b] = [transfer("a"), transfer("b")];
    room.add(a, namedUuid("w"), one);
    room.add(b, namedUuid("w"), two);
    room.add(transfer("c"), namedUuid("v"), two);
    expect(room.release(namedUuid("w")).map(({ operation }) => operation)).toEqual([a, b]);
    expect(room.release(namedUuid("w"))).toEqual([]);
    expect(room.size).toBe(1);
  });

  it("gives each sender its own bounded room; its oldest yields", () => {
    const room = new WaitingRoom({ perSenderMax: 2 });
    for (const id of ["a", "b", "c"]) room.add(transfer(id), namedUuid("w"), one);
    room.add(transfer("d"), namedUuid("w"), two);
    const left = room.release(namedUuid("w")).map(({ operation }) => operation.key);
    expect(left).toEqual(["b", "c", "d"].map((id) => transfer(id).key));
  });

  it("forgets what final time has put past its window", () => {
    const room = new WaitingRoom({ perSenderMax: 2 });
    room.add(transfer("a", 1n, 500), namedUuid("w"), one);
    room.expire(600, 100);
    expect(room.size).toBe(1);
    room.expire(601, 100);
    expect(room.size).toBe(0);
  });
});
