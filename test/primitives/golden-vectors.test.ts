/**
 * Goal: the canonical bytes of signed or hashed data never change by accident. Method: fixed values are encoded and
 * compared with test/vectors/canonical.json. To change them on purpose, run with UPDATE_VECTORS=1 and review the
 * diff.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { amount } from "../../src/primitives/amount.ts";
import { decodeHeader, encodeHeader, HEADER_VERSION } from "../../src/primitives/block.ts";
import { type Bytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { parseUuid, type Uuid } from "../../src/primitives/ids.ts";
import { encodeKeyCertificateBody } from "../../src/primitives/key-certificate.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { assembleOperation, decodeSignedOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import { decodeResultLeaf, encodeResultLeaf } from "../../src/primitives/result.ts";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  encodeVoteSubject,
} from "../../src/primitives/vote.ts";

const FILE = new URL("../vectors/canonical.json", import.meta.url);
const sha256 = (data: Bytes) => new Uint8Array(createHash("sha256").update(data).digest());
const networkId = new Uint8Array(32).fill(0x11);
const author = new Uint8Array(32).fill(0x22);
const signature = new Uint8Array(64).fill(0x33);
const digest = new Uint8Array(32).fill(0x44);

function uuid(text: string): Uuid {
  const id = parseUuid(text);
  if (id === undefined) throw new Error(`not a uuid: ${text}`);
  return id;
}

const common = {
  author,
  id: uuid("00000000-0000-4000-8000-000000000001"),
  validUntil: 1_700_000_000_000,
};
const alice = uuid("a11ce000-0000-8000-8000-000000000001");
const bob = uuid("b0b00000-0000-8000-8000-000000000002");
const member = validatorIndex(2);

const OPERATIONS: Record<string, Operation> = {
  creationWithMoney: {
    kind: "walletCreation",
    ...common,
    publicKey: digest,
    asset: "EUR",
    initialBalance: amount(1000n),
  },
  creationWithoutMoney: { kind: "walletCreation", ...common, publicKey: author, asset: "EUR" },
  transfer: {
    kind: "transfer",
    ...common,
    from: alice,
    to: bob,
    asset: "EUR",
    amount: amount(25n),
  },
  transferWithReference: {
    kind: "transfer",
    ...common,
    from: alice,
    to: bob,
    asset: "ABCDEFGHIJKLMNOP",
    amount: amount((1n << 64n) - 1n),
    reference: "Rechnung № 7 – danke",
  },
  cancellation: { kind: "cancellation", ...common, from: alice },
  ceremonyOpen: {
    kind: "ceremonyOpen",
    ...common,
    attempt: 1,
    members: [0, 1, 2, 3].map(validatorIndex),
    threshold: 3,
  },
  ceremonyRound1: {
    kind: "ceremonyRound1",
    ...common,
    attempt: 1,
    package: new Uint8Array([1, 2, 3]),
    ephemeralKey: digest,
  },
  ceremonyShares: {
    kind: "ceremonyShares",
    ...common,
    attempt: 1,
    ciphertexts: [{ to: member, ciphertext: digest }],
  },
  ceremonyConfirm: {
    kind: "ceremonyConfirm",
    ...common,
    attempt: 1,
    transcriptHash: digest,
    groupKey: author,
    verifyingShares: [{ member, share: digest }],
    certificateSignature: signature,
  },
  ceremonyComplaint: {
    kind: "ceremonyComplaint",
    ...common,
    attempt: 1,
    accused: member,
    ephemeralSecret: digest,
  },
};

const signed = (operation: Operation) =>
  assembleOperation(sha256, networkId, { operation, signature });

const header = {
  version: HEADER_VERSION,
  networkId,
  epoch: epoch(1),
  height: height(7),
  view: view(9),
  parentHash: digest,
  operationCount: 2,
  operationsRoot: author,
  resultsRoot: digest,
  walletCount: 3,
  stateRoot: author,
  supply: [amount(5000n), amount(0n)],
  time: 1_700_000_000_123,
  proposer: validatorIndex(1),
};
const place = { epoch: epoch(1), view: view(9) };
const finalization: Certificate = {
  subject: { kind: "finalize", ...place, height: height(7), blockHash: digest },
  signatures: [0, 1, 3].map((signer) => ({ signer: validatorIndex(signer), signature })),
};
const keyCertificate = {
  networkId,
  epoch: epoch(1),
  groupKey: author,
  threshold: 3,
  transcriptHash: digest,
  signatures: finalization.signatures,
};

function vectors(): Record<string, string> {
  const found: Record<string, Bytes> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    found[`operation/${name}`] = signed(operation).bytes;
    found[`operationHash/${name}`] = signed(operation).hash;
  }
  const sponsor = { validator: member, signature };
  const sponsored = { operation: OPERATIONS["creationWithoutMoney"] as Operation, signature };
  found["operation/sponsored"] = assembleOperation(sha256, networkId, {
    ...sponsored,
    sponsor,
  }).bytes;
  const transfer = signed(OPERATIONS["transfer"] as Operation);
  found["resultLeaf/applied"] = encodeResultLeaf(networkId, transfer, { status: "applied" });
  found["resultLeaf/insufficientFunds"] = encodeResultLeaf(networkId, transfer, {
    status: "declined",
    reason: "insufficientFunds",
  });
  found["header"] = encodeHeader(header);
  found["vote/nullify"] = encodeVoteSubject(networkId, { kind: "nullify", ...place });
  for (const kind of ["notarize", "finalize"] as const) {
    const subject = { kind, ...place, height: height(7), blockHash: digest };
    found[`vote/${kind}`] = encodeVoteSubject(networkId, subject);
  }
  found["certificate/finalization"] = encodeCertificate(finalization);
  found["keyCertificate/body"] = encodeKeyCertificateBody(keyCertificate);
  return Object.fromEntries(Object.entries(found).map(([name, bytes]) => [name, toHex(bytes)]));
}

describe("golden vectors", () => {
  const computed = vectors();
  if (process.env["UPDATE_VECTORS"] === "1") {
    writeFileSync(FILE, `${JSON.stringify(computed, undefined, 2)}\n`);
  }
  const golden = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, string>;

  it.each(Object.keys(computed))("%s is what it was", (name) => {
    expect(computed[name]).toBe(golden[name]);
  });

  it("leave none out", () => {
    expect(Object.keys(golden).sort()).toEqual(Object.keys(computed).sort());
  });

  it.each(Object.keys(OPERATIONS))("operation %s reads back from its vector", (name) => {
    const bytes = fromHex(golden[`operation/${name}`] ?? "") as Bytes;
    const decoded = decodeSignedOperation(sha256, networkId, bytes);
    expect(decoded).toEqual(signed(OPERATIONS[name] as Operation));
  });

  it("an operation for another network is told apart from a malformed one", () => {
    const { bytes } = signed(OPERATIONS["transfer"] as Operation);
    const foreign = decodeSignedOperation(sha256, digest, bytes);
    expect((foreign as EncodingError).code).toBe("wrongNetwork");
    const short = decodeSignedOperation(sha256, networkId, bytes.slice(0, -1));
    expect((short as EncodingError).code).toBe("malformed");
  });

  it("a cancellation and a transfer are no prefix of one another", () => {
    const { bytes, unsignedBytes } = signed(OPERATIONS["cancellation"] as Operation);
    const payment = signed(OPERATIONS["transfer"] as Operation);
    const kindAt = 1 + "countersign/v1/operation".length + 32;
    for (const [from, kind] of [
      [bytes, 2],
      [payment.bytes, 8],
    ] as const) {
      const renamed = from.slice();
      renamed[kindAt] = kind;
      expect(decodeSignedOperation(sha256, networkId, renamed)).toBeInstanceOf(EncodingError);
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeSignedOperation(sha256, networkId, bytes.slice(0, length));
      expect(cut).toBeInstanceOf(EncodingError);
    }
    const longer = new Uint8Array([...bytes, 0]);
    expect(decodeSignedOperation(sha256, networkId, longer)).toBeInstanceOf(EncodingError);
    expect(unsignedBytes.length).toBe(kindAt + 1 + 32 + 16 + 8 + 16);
  });

  it("an initial balance of zero has no encoding but absence", () => {
    const { bytes } = signed(OPERATIONS["creationWithMoney"] as Operation);
    const zero = bytes.slice();
    zero.fill(0, zero.length - 65 - 8, zero.length - 65);
    expect(decodeSignedOperation(sha256, networkId, zero)).toBeInstanceOf(EncodingError);
  });

  it("headers, certificates and result leaves read back", () => {
    expect(decodeHeader(encodeHeader(header))).toEqual(header);
    expect(decodeCertificate(encodeCertificate(finalization))).toEqual(finalization);
    const transfer = signed(OPERATIONS["transfer"] as Operation);
    const result = { status: "declined", reason: "overflow" } as const;
    const leaf = encodeResultLeaf(networkId, transfer, result);
    expect(decodeResultLeaf(sha256, networkId, leaf)).toEqual({
      operationHash: transfer.hash,
      operation: transfer.operation,
      result,
    });
  });
});
