/** L7: a start keeps the same ids in use as a node that executed their operations. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { UsedIds } from "../../src/ledger/used-ids.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { idReader } from "../../src/primitives/id-in-use.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import { cancellation, createNetwork, creation, transfer } from "./fixture.ts";

const network = createNetwork();
const { networkId } = network.context;
const ground = { hash: sha256, seed: sha256(utf8("a seed")) };
const readId = idReader(networkId);

/** The table holds deadlines of this and the next century. */
const deadline = fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 });
const payment = fc.record({
  from: fc.constantFrom("alice", "bob"),
  to: fc.constantFrom("carol", "dave"),
  amount: fc.bigInt({ min: 1n, max: 2n ** 40n }),
  id: fc.constantFrom("first", "second", "third"),
  validUntil: deadline,
});

it("an id read from the bytes of an operation is the one that look-ups find, with its deadline", () => {
  fc.assert(
    fc.property(payment, deadline, (plan, validUntil) => {
      const operations: SignedOperation[] = [
        transfer(network, plan),
        creation(network, { name: "alice", balance: 5n }),
        cancellation(network, { from: "alice", id: "first", validUntil }),
      ];
      for (const { bytes, key, operation } of operations) {
        const id = readId(bytes);
        if (id instanceof EncodingError) return expect.fail(`${operation.kind}: ${id.message}`);
        expect(id.validUntil).toBe(operation.validUntil);
        const used = UsedIds.of(ground, [id]);
        expect(used.has(key, operation.validUntil), operation.kind).toBe(true);
        expect(used.has(key, operation.validUntil + 1)).toBe(false);
        expect(
          used.has(
            key.replace(/.$/, (end) => (end === "0" ? "1" : "0")),
            0,
          ),
        ).toBe(false);
      }
    }),
    { numRuns: 50 },
  );
});

it("bytes of another network, cut short, or with a deadline beyond every clock are no operation", () => {
  const { bytes, operation } = transfer(network, { from: "alice", to: "bob", amount: 1n });
  const otherNetwork = idReader(sha256(utf8("another network")));
  expect(otherNetwork(bytes)).toBeInstanceOf(EncodingError);
  for (const length of [0, 1, 60, 100]) {
    expect(readId(bytes.subarray(0, length)), `${length} bytes`).toBeInstanceOf(EncodingError);
  }
  const late = Buffer.from(bytes);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(operation.validUntil));
  late.fill(0xff, late.indexOf(time), late.indexOf(time) + 8);
  expect(readId(late)).toBeInstanceOf(EncodingError);
});
