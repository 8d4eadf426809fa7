import { clone, toBinary, toJsonString } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  type Receipt as ReceiptMessage,
  ReceiptSchema,
} from "../../gen/countersign/v1/types_pb.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { receiptFromMessage } from "../../src/transport/read-receipt.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { readStrictJson } from "../../src/transport/strict-json.ts";
import { finalReceipt, sealedReceipt } from "./ledger-double.ts";

function readText(text: Uint8Array) {
  const message = readStrictJson(ReceiptSchema, text);
  return message instanceof Refusal ? message : receiptFromMessage(message);
}

describe("a receipt as a message", () => {
  test.each([
    ["sealed", sealedReceipt],
    ["final", finalReceipt],
  ])("comes back as it was: %s", (_name, receipt) => {
    expect(receiptFromMessage(receiptToMessage(receipt))).toEqual(receipt);
  });

  test("of a block that shares its proof with others is written as one with a proof of its own", () => {
    const [first, second] = [sealedReceipt, { ...sealedReceipt, index: sealedReceipt.index + 1 }];
    const written = [first, second].map((one) => toBinary(ReceiptSchema, receiptToMessage(one)));
    expect(written).toEqual(
      [first, second].map((one) =>
        toBinary(ReceiptSchema, receiptToMessage({ ...one, proof: structuredClone(one.proof) })),
      ),
    );
    expect(written[0]).not.toEqual(written[1]);
  });

  test.each<[string, (message: ReceiptMessage) => void, string]>([
    ["another height", (m) => set(m.sealedHeader?.header, { height: 8n }), "sealedHeader.header"],
    ["another supply", (m) => m.sealedHeader?.header?.supply.push(1n), "sealedHeader.header"],
    [
      "another root",
      (m) => set(m.sealedHeader?.header, { stateRoot: new Uint8Array(32) }),
      "sealedHeader.header",
    ],
    ["no view", (m) => delete m.sealedHeader?.header, "sealedHeader.header"],
    ["another epoch", (m) => set(m.keyCertificate, { epoch: 2n }), "keyCertificate.bytes"],
    ["another threshold", (m) => set(m.keyCertificate, { threshold: 2 }), "keyCertificate.bytes"],
    [
      "another group key",
      (m) => set(m.keyCertificate, { groupPublicKey: new Uint8Array(32) }),
      "keyCertificate.bytes",
    ],
    ["bytes cut off", (m) => set(m.sealedHeader, { bytes: utf8("x") }), "sealedHeader.bytes"],
    ["no seal", (m) => delete m.sealedHeader, "sealedHeader"],
    ["no key certificate", (m) => delete m.keyCertificate, "keyCertificate"],
    ["the word that the seal is pending", (m) => set(m, { sealPending: true }), "sealPending"],
    ["a finalization besides", (m) => set(m, { finalization: utf8("x") }), "finalization"],
    ["a short hash in its path", (m) => m.path.push(new Uint8Array(31)), "path[2]"],
    [
      "a path for no tree",
      (m) => m.path.push(...Array.from({ length: 40 }, () => utf8("x"))),
      "path",
    ],
    ["a short seal", (m) => set(m.sealedHeader, { seal: new Uint8Array(63) }), "sealedHeader.seal"],
  ])("is refused with %s", (_name, change, field) => {
    const message = clone(ReceiptSchema, receiptToMessage(sealedReceipt));
    change(message);
    expect(receiptFromMessage(message)).toMatchObject({ field });
  });

  test.each<[string, (message: ReceiptMessage) => void, string]>([
    ["no finalization", (m) => delete m.finalization, "finalization"],
    ["an unreadable finalization", (m) => set(m, { finalization: utf8("x") }), "finalization"],
    ["no word of it", (m) => set(m, { sealPending: false }), "finalization"],
  ])("whose seal is pending is refused with %s", (_name, change, field) => {
    const message = clone(ReceiptSchema, receiptToMessage(finalReceipt));
    change(message);
    expect(receiptFromMessage(message)).toMatchObject({ field });
  });

  test.each([
    ["sealed", sealedReceipt],
    ["final", finalReceipt],
  ])("in JSON never reads as the same receipt after a flip of one bit: %s", (_name, receipt) => {
    const text = utf8(
      toJsonString(ReceiptSchema, receiptToMessage(receipt), {
        alwaysEmitImplicit: true,
        prettySpaces: 1,
      }),
    );
    const original = JSON.stringify(readText(text), replaceBigint);
    expect(readText(text)).not.toBeInstanceOf(Refusal);
    const unnoticed: number[] = [];
    for (let bit = 0; bit < text.length * 8; bit++) {
      const flipped = Uint8Array.from(text);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const read = readText(flipped);
      if (read instanceof Refusal) continue;
      if (JSON.stringify(read, replaceBigint) === original) unnoticed.push(bit);
    }
    expect(unnoticed).toEqual([]);
  });
});

function set<T extends object>(target: T | undefined, values: Partial<T>): void {
  if (target === undefined) throw new Error("nothing to change");
  Object.assign(target, values);
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
