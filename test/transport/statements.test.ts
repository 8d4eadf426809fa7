import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { epoch, height, validatorIndex } from "../../src/primitives/numbers.ts";
import {
  decodeSignedRegistration,
  encodeRegistration,
  encodeSignedRegistration,
} from "../../src/transport/registration.ts";
import {
  encodeVerification,
  type VerificationStatement,
} from "../../src/transport/verification.ts";
import { registrationOf, verification } from "./peer-double.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("a registration", () => {
  const registration = fc.record({
    networkId: bytes(32),
    nodeId: fc.string({ minLength: 1, maxLength: 16, unit: "grapheme" }),
    address: fc.string({ maxLength: 255 }),
    clientAddress: fc.string({ maxLength: 255 }),
    journalId: fc.uint8Array({ maxLength: 64 }),
    starts: fc.nat(),
    rejoined: fc.boolean(),
    startId: bytes(16),
  });

  test("reads back with its signature", () => {
    fc.assert(
      fc.property(registration, bytes(64), (one, signature) => {
        fc.pre(Buffer.byteLength(one.nodeId) <= 64);
        const signed = { registration: one, signature };
        expect(decodeSignedRegistration(encodeSignedRegistration(signed))).toEqual(signed);
      }),
    );
  });

  test("is decoded from nothing else", () => {
    const good = encodeSignedRegistration(registrationOf(1));
    for (let length = 0; length < good.length; length++) {
      expect(decodeSignedRegistration(good.slice(0, length))).toBeInstanceOf(EncodingError);
    }
  });

  test("is signed as these bytes", () => {
    expect(
      toHex(
        encodeRegistration({ ...registrationOf(1).registration, networkId: new Uint8Array(32) }),
      ),
    ).toMatchInlineSnapshot(
      `"1b636f756e7465727369676e2f76312f726567697374726174696f6e0000000000000000000000000000000000000000000000000000000000000000000000056e6f6465320000000e3132372e302e302e313a373130320000000e3132372e302e302e313a37303032000000076a6f75726e616c0000000000000002007369787465656e206279746573206964"`,
    );
  });
});

describe("a verification statement", () => {
  const commitment = fc.record({ hiding: bytes(32), binding: bytes(32) });
  const target = fc.oneof(
    fc.record({ kind: fc.constant("test" as const), epoch: fc.nat().map(epoch) }),
    fc.record({
      kind: fc.constant("header" as const),
      epoch: fc.nat().map(epoch),
      height: fc.nat().map(height),
    }),
  );
  const request = fc.oneof(
    fc.constant(undefined),
    fc.record({ kind: fc.constant("commitment" as const), epoch: fc.nat().map(epoch) }),
    fc.record({
      kind: fc.constant("sign" as const),
      target,
      session: fc.record({ run: fc.nat(), number: fc.nat() }),
      commitments: fc.array(fc.record({ member: fc.nat(99).map(validatorIndex), commitment }), {
        maxLength: 3,
      }),
    }),
  );
  const computed = fc.option(
    fc.record({
      epoch: fc.nat().map(epoch),
      height: fc.nat().map(height),
      blockHash: bytes(32),
      operationsRoot: bytes(32),
      resultsRoot: bytes(32),
      stateRoot: bytes(32),
    }),
    { nil: undefined },
  );
  const statement: fc.Arbitrary<VerificationStatement> = fc.record({
    networkId: bytes(32),
    sender: fc.nat(99).map(validatorIndex),
    computed,
    request,
  });

  test("has bytes of its own: no two statements share them", () => {
    fc.assert(
      fc.property(statement, statement, (left, right) => {
        const same = JSON.stringify(left) === JSON.stringify(right);
        expect(toHex(encodeVerification(left)) === toHex(encodeVerification(right))).toBe(same);
      }),
    );
  });

  test("changes its bytes with every one of its parts", () => {
    const { statement: base } = verification;
    const request = base.request;
    if (request?.kind !== "sign" || base.computed === undefined) throw new Error("no sign request");
    const variants: VerificationStatement[] = [
      base,
      { ...base, networkId: new Uint8Array(32) },
      { ...base, sender: validatorIndex(2) },
      { ...base, computed: undefined },
      { ...base, computed: { ...base.computed, height: height(8) } },
      { ...base, computed: { ...base.computed, epoch: epoch(2) } },
      { ...base, computed: { ...base.computed, stateRoot: new Uint8Array(32) } },
      { ...base, request: undefined },
      { ...base, request: { kind: "commitment", epoch: epoch(1) } },
      { ...base, request: { ...request, target: { kind: "test", epoch: epoch(1) } } },
      { ...base, request: { ...request, session: { run: 5, number: 9 } } },
      { ...base, request: { ...request, session: { run: 4, number: 10 } } },
      { ...base, request: { ...request, commitments: request.commitments.slice(1) } },
    ];
    const texts = variants.map((one) => toHex(encodeVerification(one)));
    expect(new Set(texts).size).toBe(variants.length);
  });

  test("is signed as these bytes", () => {
    const { computed: _, ...bare } = verification.statement;
    const commitmentRequest = { kind: "commitment" as const, epoch: epoch(3) };
    expect(
      toHex(
        encodeVerification({ ...bare, networkId: new Uint8Array(32), request: commitmentRequest }),
      ),
    ).toMatchInlineSnapshot(
      `"1b636f756e7465727369676e2f76312f766572696669636174696f6e00000000000000000000000000000000000000000000000000000000000000000001000101000000000000000300"`,
    );
  });
});
