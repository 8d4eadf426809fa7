import { describe, expect, it } from "vitest";
import { decodeOperations } from "../../src/ledger/execute.ts";
import { checkOperation } from "../../src/ledger/validate.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import {
  block,
  common,
  createNetwork,
  creation,
  keyOf,
  sign,
  start,
  statuses,
  transfer,
  tryBlock,
} from "./fixture.ts";

const network = createNetwork();
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 1_000n }),
  creation(network, { name: "bob", balance: 1n }),
]).state;
const before = transfer(network, { from: "alice", to: "bob", amount: 7n });
const after = transfer(network, { from: "alice", to: "bob", amount: 8n });

describe("L19: limits of a block", () => {
  it("its time is not before its parent's", () => {
    expect(tryBlock(network, state, [], state.time - 1)).toEqual({
      kind: "invalid",
      reason: "timeBeforeParent",
    });
    expect(tryBlock(network, state, [], state.time).kind).toBe("executed");
  });

  it("it holds as many operations as the genesis allows", () => {
    const many = Array.from({ length: 51 }, (_, i) =>
      transfer(network, { from: "alice", to: "bob", amount: 1n, id: `${i}` }),
    );
    expect(tryBlock(network, state, many.slice(0, 50)).kind).toBe("executed");
    const refused = { kind: "invalid", reason: "tooManyOperations", index: 50 };
    expect(tryBlock(network, state, many)).toEqual(refused);
  });

  it("it holds as many bytes as the genesis allows", () => {
    const [signer] = network.identities;
    if (signer === undefined) throw new Error("a network has validators");
    const step = (id: string, length: number) =>
      sign(
        network,
        {
          kind: "ceremonyRound1",
          ...common(signer, id),
          attempt: 9,
          package: new Uint8Array(length),
          ephemeralKey: new Uint8Array(32),
        },
        signer,
      );
    const overhead = step("0", 0).bytes.length;
    const eighth = 65_536 / 8 - overhead;
    const full = Array.from({ length: 8 }, (_, i) => step(`${i}`, eighth));
    expect(tryBlock(network, state, full).kind).toBe("executed");
    const refused = { kind: "invalid", reason: "tooManyBytes", index: 7 };
    expect(tryBlock(network, state, full.with(7, step("7", eighth + 1)))).toEqual(refused);
  });

  it("L13: every sponsor lets in as many as the genesis allows", () => {
    const sponsored = (name: string, sponsor: number) => creation(network, { name, sponsor });
    const allowed = [
      sponsored("one", 0),
      sponsored("two", 0),
      sponsored("three", 1),
      sponsored("four", 1),
    ];
    expect(statuses(block(network, state, allowed))).toEqual(allowed.map(() => "applied"));
    const refused = { kind: "invalid", reason: "sponsorCapReached", index: 4 };
    expect(tryBlock(network, state, [...allowed, sponsored("five", 0)])).toEqual(refused);
  });
});

describe("a body is decoded strictly", () => {
  const body = [before.bytes, after.bytes];
  const decode = (bytes: readonly Bytes[]) => decodeOperations(network.context, bytes);

  it("gives the operations back", () => {
    expect(decode(body)).toEqual([before, after]);
  });

  it("bytes too many, too few, or of another network make the block invalid", () => {
    const long = Uint8Array.from([...after.bytes, 0]);
    const malformed = { kind: "invalid", reason: "malformed", index: 1 };
    expect(decode([before.bytes, long])).toEqual(malformed);
    expect(decode([before.bytes, after.bytes.slice(0, -1)])).toEqual(malformed);
    const other = createNetwork(7);
    const foreign = transfer(other, { from: "alice", to: "bob", amount: 1n });
    expect(decode([foreign.bytes])).toEqual({ kind: "invalid", reason: "wrongNetwork", index: 0 });
    const huge = new Uint8Array(65 * 1024);
    expect(decode([huge])).toEqual({ kind: "invalid", reason: "limit", index: 0 });
  });
});

it("an operation of more than 64 KiB is above the limit", () => {
  const identity = keyOf("identity 0");
  const fields = { attempt: 1, ephemeralKey: new Uint8Array(32) };
  const sized = (length: number) => {
    const step = { kind: "ceremonyRound1", ...common(identity, "big"), ...fields } as const;
    return sign(network, { ...step, package: new Uint8Array(length) }, identity);
  };
  const overhead = sized(0).bytes.length;
  expect(checkOperation(network.context, sized(65_536 - overhead))).toBeUndefined();
  expect(checkOperation(network.context, sized(65_537 - overhead))).toBe("limit");
});
