import type { DescMessage } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  GetReceiptResponseSchema,
  TransactionResponseSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ReceiptSchema, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { verifyReceiptJson } from "../../src/client/receipt-json.ts";
import { RECEIPT_JSON_BYTES_MAX } from "../../src/client/receipt-text.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { untilKey } from "../node/network.ts";
import { Cluster } from "../support/cluster.ts";
import { sweep } from "../support/sweep.ts";
import { apiJson, cryptography, payInCompany } from "./network.ts";

/** Texts as the API wrote them, by kind. */
const texts = new Map<string, Bytes>();
let cluster: Cluster;
let trust: Trust;

beforeAll(async () => {
  cluster = await Cluster.start();
  trust = trustGenesis(cluster.genesis, cryptography);
  const client = cluster.client(0);
  const early = await client.walletCreation({ initialBalance: 700n, wait: Wait.FINAL });
  texts.set("pending", apiJson(ReceiptSchema, required(early.receipt)));
  await untilKey(cluster);
  const transfer = await payInCompany(cluster);
  texts.set("transfer", apiJson(TransactionResponseSchema, transfer));
  texts.set("receipt", apiJson(ReceiptSchema, required(transfer.receipt)));
  const creation = await client.walletCreation({ initialBalance: 9_007_199_254_740_993n });
  texts.set("creation", apiJson(WalletCreationResponseSchema, creation));
  const walletId = early.wallet?.id ?? "";
  const found = await client.getReceipt({ walletId });
  texts.set("found", apiJson(GetReceiptResponseSchema, found));
});

afterAll(() => cluster.stop());

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("an answer lacks what the test is about");
  return value;
}

const bytesOf = (name: string): Bytes => required(texts.get(name));
const textOf = (name: string): string => new TextDecoder().decode(bytesOf(name));

function fieldOf(text: string | Bytes): string {
  const verdict = verifyReceiptJson(trust, typeof text === "string" ? utf8(text) : text);
  return verdict.valid ? "valid" : verdict.field;
}

type Json = Record<string, unknown>;

/** The text after `change` of the value at `path`. */
function changed(name: string, path: string, change: (parent: Json, key: string) => void): string {
  const root: Json = JSON.parse(textOf(name));
  const keys = path.split(".");
  const last = required(keys.pop());
  let parent = root;
  for (const key of keys) parent = parent[key] as Json;
  change(parent, last);
  return JSON.stringify(root);
}

const set = (name: string, path: string, value: unknown): string =>
  changed(name, path, (parent, key) => {
    expect(parent[key]).not.toEqual(value);
    parent[key] = value;
  });

const remove = (name: string, path: string): string =>
  changed(name, path, (parent, key) => {
    expect(parent).toHaveProperty(key);
    delete parent[key];
  });

describe("what the API wrote is accepted", () => {
  it("as a bare receipt, sealed or with the seal pending", () => {
    expect(verifyReceiptJson(trust, bytesOf("receipt"))).toMatchObject({
      valid: true,
      operation: { kind: "transfer", amount: 25n },
      receipt: { proof: { kind: "sealed" } },
    });
    expect(verifyReceiptJson(trust, bytesOf("pending"))).toMatchObject({
      valid: true,
      operation: { kind: "walletCreation", initialBalance: 700n },
      receipt: { proof: { kind: "finalized" } },
    });
  });

  it("as a whole answer with all its views", () => {
    for (const name of ["transfer", "creation", "found"])
      expect(fieldOf(bytesOf(name))).toBe("valid");
    expect(JSON.parse(textOf("found")).receipt.headers.length).toBeGreaterThan(0);
  });

  it("with fewer views beside the receipt", () => {
    for (const view of ["transaction", "result"])
      expect(fieldOf(remove("transfer", view))).toBe("valid");
    for (const view of ["wallet", "creation", "result"]) {
      expect(fieldOf(remove("creation", view))).toBe("valid");
    }
  });

  it("in other layouts and orders that JSON tools make of it", () => {
    const sorted = (_: string, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted())
        : value;
    for (const name of texts.keys()) {
      const parsed: unknown = JSON.parse(textOf(name));
      const pretty = JSON.stringify(parsed, undefined, 2);
      expect(fieldOf(`${pretty}\n`)).toBe("valid");
      expect(fieldOf(pretty.replaceAll("\n", "\r\n"))).toBe("valid");
      expect(fieldOf(JSON.stringify(parsed, undefined, "\t"))).toBe("valid");
      expect(fieldOf(JSON.stringify(parsed, sorted))).toBe("valid");
      expect(fieldOf(asciiOf(textOf(name)))).toBe("valid");
    }
  });
});

/** As written by a program that limits itself to ASCII. */
function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

describe("a view that the bytes do not say is refused", () => {
  const zeros = Buffer.alloc(32).toString("base64");

  it.each([
    ["sealedHeader.header", "sealedHeader.header.height", "4000"],
    ["sealedHeader.header", "sealedHeader.header.time", "4000"],
    ["sealedHeader.header", "sealedHeader.header.stateRoot", zeros],
    ["sealedHeader.header", "sealedHeader.header.supply", ["1", "0"]],
    ["keyCertificate.bytes", "keyCertificate.epoch", "7"],
    ["keyCertificate.bytes", "keyCertificate.threshold", 1],
    ["keyCertificate.bytes", "keyCertificate.groupPublicKey", zeros],
    ["keyCertificate.bytes", "keyCertificate.bytes", zeros],
    ["sealPending", "sealPending", true],
    ["finalization", "finalization", "AAAA"],
  ])("inside a receipt, naming %s", (field, path, value) => {
    expect(fieldOf(set("receipt", path, value))).toBe(field);
    expect(fieldOf(set("transfer", `receipt.${path}`, value))).toBe(`receipt.${field}`);
  });

  it.each([
    ["transfer", "transaction.amount", "2500"],
    ["transfer", "transaction.amount", "0"],
    ["transfer", "transaction.asset", "USD"],
    ["transfer", "transaction.asset", ""],
    ["transfer", "transaction.to", "00000000-0000-4000-8000-000000000000"],
    ["transfer", "transaction.from", ""],
    ["transfer", "transaction.id", "00000000-0000-4000-8000-000000000000"],
    ["transfer", "transaction.reference", ""],
    ["transfer", "transaction.validUntil", "1"],
    ["transfer", "result.status", "RESULT_STATUS_DECLINED"],
    ["transfer", "result.status", "RESULT_STATUS_UNSPECIFIED"],
    ["transfer", "result.reason", "DECLINE_REASON_EXPIRED"],
    ["creation", "creation.walletId", "00000000-0000-4000-8000-000000000000"],
    ["creation", "creation.asset", "USD"],
    ["creation", "creation.initialBalance", "1"],
    ["creation", "creation.issuer", zeros],
    ["creation", "wallet.id", "00000000-0000-4000-8000-000000000000"],
    ["creation", "wallet.asset", "USD"],
    ["creation", "wallet.balance", "9007199254740992"],
    ["creation", "wallet.publicKey", zeros],
    ["creation", "wallet.entries", "2"],
    ["creation", "wallet.statementHead", zeros],
    ["creation", "wallet.custodian", "node2"],
    ["found", "creation.initialBalance", "7000"],
    ["found", "result.status", "RESULT_STATUS_DECLINED"],
  ])("beside the receipt of a %s: %s", (name, path, value) => {
    expect(fieldOf(set(name, path, value))).toBe(path.split(".")[0]);
  });

  it("by leaving a field out that the operation has", () => {
    expect(fieldOf(remove("transfer", "transaction.reference"))).toBe("transaction");
    expect(fieldOf(remove("creation", "wallet.custodian"))).toBe("wallet");
    expect(fieldOf(remove("creation", "creation.issuer"))).toBe("creation");
  });

  it("by standing beside the receipt of something else", () => {
    const { wallet, creation } = JSON.parse(textOf("creation"));
    const { transaction } = JSON.parse(textOf("transfer"));
    expect(fieldOf(set("found", "creation", creation))).toBe("creation");
    expect(fieldOf(set("found", "wallet", wallet))).toBe("wallet");
    const { receipt, result } = JSON.parse(textOf("transfer"));
    expect(fieldOf(JSON.stringify({ receipt, result, wallet }))).toBe("wallet");
    expect(fieldOf(JSON.stringify({ receipt, result, creation }))).toBe("creation");
    const found = JSON.parse(textOf("found"));
    expect(fieldOf(JSON.stringify({ receipt: found.receipt, transaction }))).toBe("transaction");
  });
});

describe("a text that is read in more than one way is refused", () => {
  it.each([
    ["an unknown field", () => set("receipt", "memo", "paid twice"), "memo"],
    ["an unknown field of an answer", () => set("transfer", "memo", 1), "memo"],
    ["a receipt and more on one level", () => set("receipt", "result", {}), "result"],
    ["a field twice", () => textOf("receipt").replace("{", '{"index":1,'), "index"],
    [
      "a field twice by two names",
      () => textOf("receipt").replace("{", '{"seal_pending":true,'),
      "sealPending",
    ],
    ["two operations", () => set("found", "transaction", {}), ""],
    [
      "a number in another form",
      () => textOf("receipt").replace(/"index":[0-9]+/, '"index":-0'),
      "index",
    ],
    ["base64 without padding", () => textOf("receipt").replace('="', '"'), undefined],
    ["base64 of URLs", () => set("receipt", "leaf", "_-8="), "leaf"],
    ["an enum by its number", () => set("transfer", "result.status", 1), "result.status"],
    ["a byte order mark", () => `\ufeff${textOf("receipt")}`, ""],
    ["something behind it", () => `${textOf("receipt")}{}`, ""],
    ["a list", () => `[${textOf("receipt")}]`, ""],
    ["nothing", () => "", ""],
    ["no receipt", () => "{}", "leaf"],
    ["an empty receipt", () => '{"receipt":{}}', "receipt.leaf"],
    ["no receipt in an answer", () => '{"receipt":null}', "receipt"],
    ["no receipt beside a wallet", () => '{"wallet":{},"receipt":null}', "receipt"],
  ])("with %s", (_, make, field) => {
    const found = fieldOf(make());
    if (field === undefined) expect(found).not.toBe("valid");
    else expect(found).toBe(field);
  });

  it("when it is not UTF-8 or too large", () => {
    expect(fieldOf(Buffer.from(textOf("receipt"), "utf16le"))).toBe("");
    expect(fieldOf(Buffer.concat([bytesOf("receipt"), Buffer.of(0xff)]))).toBe("");
    expect(fieldOf(textOf("receipt") + " ".repeat(RECEIPT_JSON_BYTES_MAX))).toBe("");
  });

  it("when a tab or an escape could be spelled otherwise one bit away", () => {
    const text = textOf("receipt");
    expect(fieldOf(`${text}\t`)).toBe("valid");
    expect(fieldOf(`${text}\t\n`)).toBe("");
    expect(fieldOf(`${text}\r\n`)).toBe("valid");
    expect(fieldOf(`${text}\r`)).toBe("");
    expect(fieldOf(text.replace('"leaf"', '"l\\u0065af"'))).toBe("valid");
    expect(fieldOf(text.replace('"seal"', '"sea\\u006c"'))).toBe("valid");
    expect(fieldOf(text.replace('"seal"', '"sea\\u006C"'))).toBe("");
  });
});

describe("no field has two names a single bit apart", () => {
  it.each([WalletCreationResponseSchema, TransactionResponseSchema, GetReceiptResponseSchema])(
    "in $typeName and all below",
    (schema) => {
      const messages = messagesBelow(schema);
      expect(messages.size).toBeGreaterThan(5);
      for (const { fields } of messages) {
        const names = [...new Set(fields.flatMap(({ jsonName, name }) => [jsonName, name]))];
        for (const left of names) {
          for (const right of names) expect(bitsBetween(left, right)).not.toBe(1);
        }
      }
    },
  );

  function messagesBelow(schema: DescMessage, found = new Set<DescMessage>()): Set<DescMessage> {
    if (found.has(schema)) return found;
    found.add(schema);
    for (const { message } of schema.fields)
      if (message !== undefined) messagesBelow(message, found);
    return found;
  }

  function bitsBetween(left: string, right: string): number {
    if (left.length !== right.length) return Number.POSITIVE_INFINITY;
    const differences = [...left].map((one, i) => one.charCodeAt(0) ^ right.charCodeAt(i));
    return differences
      .map((bits) => bits.toString(2))
      .join("")
      .replaceAll("0", "").length;
  }
});

/** Bits to flip in a byte: all of them, or, in a long text, one that differs from byte to byte and from run to run. */
const BITS = sweep({ whole: 8, all: 2, share: 1 });
const FIRST_BIT = Date.now() % 8;

/** Flips this many bits, one by one, of the bytes that `isMeant` selects; gives the flips that were accepted. */
function acceptedFlips(text: Bytes, isMeant: (byte: number, at: number) => boolean, bits = 8) {
  const accepted: string[] = [];
  let count = 0;
  const flipped = Uint8Array.from(text);
  for (const [at, byte] of text.entries()) {
    if (!isMeant(byte, at)) continue;
    for (let i = 0; i < bits; i++) {
      const bit = (FIRST_BIT + at + i) % 8;
      flipped[at] = byte ^ (1 << bit);
      if (verifyReceiptJson(trust, flipped).valid) accepted.push(`bit ${bit} of byte ${at}`);
      count += 1;
    }
    flipped[at] = byte;
  }
  return { accepted, count };
}

describe("every single bit that changes makes a text refused", () => {
  it.each(["receipt", "pending", "transfer", "creation", "found"])(
    "in a %s as the API wrote it",
    (name) => {
      const text = bytesOf(name);
      expect(fieldOf(text)).toBe("valid");
      const { accepted, count } = acceptedFlips(text, () => true, BITS);
      expect(accepted).toEqual([]);
      expect(count).toBe(text.length * BITS);
    },
    // Ends what hangs: hundreds of thousands of readings take a minute on a busy machine.
    300_000,
  );

  it.each([
    ["spaces", (json: unknown) => JSON.stringify(json, undefined, 2)],
    ["tabs", (json: unknown) => JSON.stringify(json, undefined, "\t")],
    ["CRLF", (json: unknown) => `${JSON.stringify(json, undefined, 1)}\n`.replaceAll("\n", "\r\n")],
    ["one tab and one CRLF", (json: unknown) => `\t${JSON.stringify(json)}\r\n`],
  ])("in the white space of a layout with %s", (_, layOut) => {
    const text = utf8(layOut(JSON.parse(textOf("transfer"))));
    expect(fieldOf(text)).toBe("valid");
    const { accepted, count } = acceptedFlips(text, (byte) => byte <= 0x20);
    expect(accepted).toEqual([]);
    expect(count).toBeGreaterThan(20);
  });

  it("in the escapes of a text that keeps to ASCII", () => {
    const ascii = asciiOf(textOf("transfer"));
    const text = utf8(ascii);
    expect(ascii).toContain("M\\u00fcller");
    expect(fieldOf(text)).toBe("valid");
    const [from, to] = [ascii.indexOf('"reference"'), ascii.indexOf('"validUntil"')];
    const { accepted } = acceptedFlips(text, (_, at) => at >= from && at < to);
    expect(accepted).toEqual([]);
  });
});
