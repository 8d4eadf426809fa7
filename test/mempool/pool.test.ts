import { describe, expect, it } from "vitest";
import { Pool } from "../../src/mempool/pool.ts";
import { WaitingRoom } from "../../src/mempool/waiting-room.ts";
import { amount } from "../../src/primitives/amount.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import { namedSigner, namedUuid, signOperation } from "../support/operations.ts";

const networkId = new Uint8Array(32).fill(1);
const alice = namedSigner("alice");
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

const roomy = { operationsPerSenderMax: 100, bytesPerSenderMax: 1_000_000 };

describe("the pool", () => {
  it("keeps operations in order of arrival", () => {
    const pool = new Pool(roomy);
    const operations = ["c", "a", "b"].map((id) => transfer(id));
    for (const operation of operations) expect(pool.add(operation, one)).toBe("added");
    expect([...pool.operations()]).toEqual(operations);
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

  it("lets an operation go only when its id is settled or final time is past its window", () => {
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

describe("the waiting room", () => {
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
