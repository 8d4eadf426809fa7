/**
 * Goal: authors of clients in other languages have test vectors (docs/signing.md). Method: the data that clients
 * sign, with the key pairs of RFC 8032 section 7.1, is encoded, hashed and signed by this code and compared with
 * test/vectors/signing.json; the signatures are OpenSSL's. To change that file on purpose, run with UPDATE_VECTORS=1.
 */
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { amount } from "../../src/primitives/amount.ts";
import { type Bytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import { deriveWalletId, parseUuid } from "../../src/primitives/ids.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import { assembleOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import { encodeResultLeaf, type Result } from "../../src/primitives/result.ts";
import { inclusionPath } from "../support/inclusion-path.ts";

const FILE = new URL("../vectors/signing.json", import.meta.url);
const sha256 = (data: Bytes) => new Uint8Array(createHash("sha256").update(data).digest());

function hex(text: string): Bytes {
  return fromHex(text) ?? expect.fail(`not hexadecimal: ${text}`);
}

function uuid(text: string) {
  return parseUuid(text) ?? expect.fail(`not a UUID: ${text}`);
}

/** RFC 8032 section 7.1, TEST 1 and TEST 2: well-known keys. */
const KEYS = {
  alice: {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  },
  bob: {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  },
} as const;
type Name = keyof typeof KEYS;

const networkId = sha256(new TextEncoder().encode("the network of docs/signing.md"));
const VALID_UNTIL = 1_790_000_000_000;
const creationIds = {
  alice: uuid("00000000-0000-4000-8000-00000000000a"),
  bob: uuid("00000000-0000-4000-8000-00000000000b"),
};

const walletOf = (name: Name) =>
  deriveWalletId(sha256, {
    networkId,
    publicKey: hex(KEYS[name].publicKey),
    creationId: creationIds[name],
  });

/** PKCS #8 around the 32 bytes (RFC 8410 section 7). */
function signWith(name: Name, message: Bytes): Bytes {
  const der = Buffer.concat([hex("302e020100300506032b657004220420"), hex(KEYS[name].secretKey)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return new Uint8Array(sign(null, message, key));
}

const creation = (name: Name, balance?: bigint): Operation => ({
  kind: "walletCreation",
  author: hex(KEYS[name].publicKey),
  id: creationIds[name],
  validUntil: VALID_UNTIL,
  publicKey: hex(KEYS[name].publicKey),
  asset: "EUR",
  ...(balance === undefined ? {} : { initialBalance: amount(balance) }),
});

const transfer = (reference?: string, asset = "EUR"): Operation => ({
  kind: "transfer",
  author: hex(KEYS.alice.publicKey),
  id: uuid("00000000-0000-4000-8000-0000000000aa"),
  validUntil: VALID_UNTIL,
  from: walletOf("alice"),
  to: walletOf("bob"),
  asset,
  amount: amount(25n),
  reference,
});

const cancellation: Operation = {
  kind: "cancellation",
  author: hex(KEYS.alice.publicKey),
  id: uuid("00000000-0000-4000-8000-0000000000aa"),
  validUntil: VALID_UNTIL,
  from: walletOf("alice"),
};

const OPERATIONS: readonly [string, Name, Operation][] = [
  ["a wallet without money, signed by its own key", "bob", creation("bob")],
  ["a wallet with money, signed by an issuer", "alice", creation("alice", 1000n)],
  ["a transfer without a reference", "alice", transfer()],
  ["a transfer with an empty reference, which is another body", "alice", transfer("")],
  ["a transfer with a reference in UTF-8", "alice", transfer("Rechnung № 7 – danke")],
  ["a transfer of as much in another asset, which is another body", "alice", transfer("", "JPY")],
  ["the cancellation of the transfer", "alice", cancellation],
];

/** The fields as docs/signing.md names them; bytes in hexadecimal, amounts in decimal digits. */
function fieldsOf(operation: Operation): object {
  const entries = Object.entries(operation).map(([name, value]: [string, unknown]) => {
    if (value instanceof Uint8Array) return [name, toHex(value)];
    return [name, typeof value === "bigint" ? value.toString() : value];
  });
  return Object.fromEntries(entries);
}

function operationVector([name, signer, operation]: (typeof OPERATIONS)[number]) {
  const unsigned = assembleOperation(sha256, networkId, {
    operation,
    signature: new Uint8Array(64),
  });
  const signature = signWith(signer, unsigned.unsignedBytes);
  const signed = assembleOperation(sha256, networkId, { operation, signature });
  return {
    name,
    signer,
    fields: fieldsOf(operation),
    signedBytes: toHex(signed.unsignedBytes),
    operationHash: toHex(signed.hash),
    leafHash: toHex(signed.leafHash),
    signature: toHex(signature),
  };
}

/** The results of one block: every operation applied but one. */
function resultsVector() {
  const leaves = OPERATIONS.map(([, , operation], place) => {
    const signed = assembleOperation(sha256, networkId, {
      operation,
      signature: new Uint8Array(64),
    });
    const declined: Result = { status: "declined", reason: "insufficientFunds" };
    return encodeResultLeaf(networkId, signed, place === 3 ? declined : { status: "applied" });
  });
  const hashes = leaves.map((leaf) => leafHash(sha256, leaf));
  return {
    root: toHex(merkleRoot(sha256, hashes)),
    count: leaves.length,
    leaves: leaves.map((leaf, index) => ({
      index,
      leaf: toHex(leaf),
      path: inclusionPath(sha256, hashes, index).map(toHex),
    })),
  };
}

const found = {
  networkId: toHex(networkId),
  keys: KEYS,
  walletIds: (["alice", "bob"] as const).map((name) => ({
    key: name,
    creationId: creationIds[name],
    walletId: walletOf(name),
  })),
  operations: OPERATIONS.map(operationVector),
  results: resultsVector(),
};

if (process.env["UPDATE_VECTORS"] === "1") {
  writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
}

describe("L2: the signing vectors", () => {
  it("are what this code encodes, and OpenSSL signs", () => {
    expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(JSON.parse(JSON.stringify(found)));
  });

  it("tell an empty reference from none, and one asset from another", () => {
    const [, , without, empty, , yen] = found.operations;
    expect(empty?.operationHash).not.toBe(without?.operationHash);
    expect(yen?.operationHash).not.toBe(empty?.operationHash);
  });

  it("stand in the worked example of docs/signing.md byte for byte", () => {
    const page = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");
    const shown = /<!-- vector: transfer -->\n```text\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const bytes = shown
      .split("\n")
      .map((line) => line.split("  ")[0]?.replaceAll(" ", "") ?? "")
      .join("");
    expect(bytes).toBe(found.operations[2]?.signedBytes);
    for (const text of [found.operations[2]?.operationHash, found.operations[2]?.signature]) {
      expect(page.replaceAll(/\s/g, "")).toContain(text);
    }
  });
});
