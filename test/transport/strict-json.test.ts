import { toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  TransactionRequestSchema,
  WalletCreationRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ErrorDetailSchema, ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { readStrictJson } from "../../src/transport/strict-json.ts";
import { finalReceipt, sealedReceipt } from "./ledger-double.ts";

const key = Buffer.alloc(32, 7).toString("base64");

function readTransaction(json: string) {
  return readStrictJson(TransactionRequestSchema, utf8(json));
}

function readCreation(json: string) {
  return readStrictJson(WalletCreationRequestSchema, utf8(json));
}

describe("T10: strict JSON", () => {
  test("reads what people type", () => {
    const message = readTransaction(
      '{"transaction":{"from":"a","to":"b","amount":"25","reference":"café"},"wait":"WAIT_FINAL"}',
    );
    expect(message).toMatchObject({
      transaction: { from: "a", to: "b", amount: 25n, reference: "café" },
      wait: 1,
    });
  });

  test("takes null for an absent field, snake case for its name, and a small bare number", () => {
    expect(
      readCreation(`{"initial_balance":1000,"asset":null,"public_key":"${key}"}`),
    ).toMatchObject({
      initialBalance: 1000n,
      asset: "",
      publicKey: new Uint8Array(32).fill(7),
    });
  });

  test("keeps every digit of the largest amount", () => {
    expect(readCreation('{"initialBalance":"18446744073709551615"}')).toMatchObject({
      initialBalance: 18446744073709551615n,
    });
    expect(readCreation('{"initialBalance":9007199254740991}')).toMatchObject({
      initialBalance: 9007199254740991n,
    });
  });

  test.each([
    ["an empty body", "", "", "empty"],
    ["no JSON", "{", "", "not JSON"],
    ["JSON and more", "{} {}", "", "not JSON"],
    ["a byte order mark", "\ufeff{}", "", "not JSON"],
    ["a list", "[]", "", "the body must be an object"],
    ["a number", "1", "", "the body must be an object"],
    ["null", "null", "", "the body must be an object"],
    ["an unknown field", '{"initialBalanse":"1"}', "initialBalanse", "the fields here are"],
    ["a field of an object's prototype", '{"__proto__":{}}', "__proto__", "is unknown"],
    ["a repeated field", '{"asset":"A","asset":"B"}', "asset", "is given twice"],
    ["a repeated field in escapes", '{"asset":"A","\\u0061sset":"B"}', "asset", "is given twice"],
    ["both names of a field", '{"creation_id":"","creationId":""}', "creationId", "given twice"],
    ["a rounded number", '{"initialBalance":9007199254740993}', "initialBalance", "round"],
    ["a number on the brink", '{"initialBalance":9007199254740992}', "initialBalance", "round"],
    ["a fraction", '{"initialBalance":1.5}', "initialBalance", "whole number"],
    ["a whole fraction", '{"initialBalance":1.0}', "initialBalance", "whole number"],
    ["an exponent", '{"initialBalance":1e3}', "initialBalance", "whole number"],
    ["a negative number", '{"initialBalance":-1}', "initialBalance", "whole number"],
    ["minus zero", '{"initialBalance":-0}', "initialBalance", "whole number"],
    ["a negative text", '{"initialBalance":"-1"}', "initialBalance", "whole number"],
    ["a leading zero", '{"initialBalance":"01"}', "initialBalance", "whole number"],
    ["a plus sign", '{"initialBalance":"+1"}', "initialBalance", "whole number"],
    ["space in a number", '{"initialBalance":" 1"}', "initialBalance", "whole number"],
    ["an empty number", '{"initialBalance":""}', "initialBalance", "whole number"],
    ["hexadecimal", '{"initialBalance":"0x10"}', "initialBalance", "whole number"],
    ["other digits", '{"initialBalance":"١"}', "initialBalance", "whole number"],
    ["2^64", '{"initialBalance":"18446744073709551616"}', "initialBalance", "at most"],
    ["many digits", `{"initialBalance":"${"9".repeat(5000)}"}`, "initialBalance", "at most"],
    ["true for a number", '{"initialBalance":true}', "initialBalance", "whole number"],
    ["a number for a text", '{"asset":1}', "asset", "must be a text"],
    ["an object for a text", '{"asset":{}}', "asset", "must be a text"],
    ["a lone surrogate", '{"asset":"\\ud800"}', "asset", "surrogate"],
    ["base64 without padding", '{"publicKey":"AA"}', "publicKey", "standard base64"],
    ["base64url", '{"publicKey":"-_8="}', "publicKey", "standard base64"],
    ["base64 with spare bits", '{"publicKey":"AB=="}', "publicKey", "standard base64"],
    ["base64 with a line break", '{"publicKey":"AA==\\n"}', "publicKey", "standard base64"],
    ["a number for bytes", '{"publicKey":0}', "publicKey", "base64"],
    ["an unknown enum name", '{"wait":"WAIT_LONG"}', "wait", "must be one of"],
    ["an enum's number", '{"wait":1}', "wait", "must be one of"],
  ])("refuses %s", (_name, json, field, problem) => {
    const refusal = readCreation(json);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      reason: "MALFORMED",
      field,
      message: expect.stringContaining(problem),
    });
  });

  test("names a field deep inside", () => {
    expect(readTransaction('{"transaction":{"amount":"1","amount":"2"}}')).toMatchObject({
      field: "transaction.amount",
      message: "transaction.amount: is given twice",
    });
    expect(readTransaction('{"transaction":{"amount":1e2}}')).toMatchObject({
      field: "transaction.amount",
    });
    expect(readTransaction('{"transaction":[]}')).toMatchObject({ field: "transaction" });
    expect(readStrictJson(ReceiptSchema, utf8('{"path":["AA==","A"]}'))).toMatchObject({
      field: "path[1]",
    });
    expect(readStrictJson(ReceiptSchema, utf8('{"path":[null]}'))).toMatchObject({
      field: "path[0]",
    });
    expect(readStrictJson(ErrorDetailSchema, utf8('{"metadata":{"a":1}}'))).toMatchObject({
      field: "metadata.a",
    });
  });

  test("refuses bytes that are not UTF-8", () => {
    const json = Buffer.concat([utf8('{"asset":"'), Uint8Array.of(0xff), utf8('"}')]);
    expect(readStrictJson(WalletCreationRequestSchema, json)).toMatchObject({
      message: "the body is not UTF-8",
    });
  });

  test("neither falls over depth nor over a body full of escapes", () => {
    const depth = 100_000;
    expect(readCreation("[".repeat(depth) + "]".repeat(depth))).toBeInstanceOf(Refusal);
    expect(readCreation(`{"a":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`)).toBeInstanceOf(
      Refusal,
    );
    const escapes = '\\"'.repeat(120_000);
    expect(readCreation(`{"asset":"${escapes}"}`)).toMatchObject({ asset: '"'.repeat(120_000) });
    expect(readCreation(`{${'"a":1,'.repeat(40_000)}"b":1}`)).toMatchObject({ field: "a" });
  });

  test.each([
    ["sealed", sealedReceipt],
    ["final", finalReceipt],
  ])("reads back a %s receipt that the server wrote", (_name, receipt) => {
    const message = receiptToMessage(receipt);
    const json = toJsonString(ReceiptSchema, message, { alwaysEmitImplicit: true });
    expect(readStrictJson(ReceiptSchema, utf8(json))).toEqual(message);
  });

  test("answers any text with a message or a refusal", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const answer = readCreation(text);
        expect(answer instanceof Refusal || answer.$typeName !== undefined).toBe(true);
      }),
    );
  });
});
