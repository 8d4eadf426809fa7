/** Valid receipts: sealed and pending, under one header and under several, applied and declined. */
import type { JsonObject } from "@bufbuild/protobuf";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import { DECLINE_REASONS, encodeResultLeaf } from "../../src/primitives/result.ts";
import { inclusionPath } from "../support/inclusion-path.ts";
import { namedSigningKey, namedUuid, signOperation } from "../support/operations.ts";
import {
  alone,
  certificateJson,
  encoded,
  jsonOf,
  type OperationName,
  pendingJson,
  type Sealing,
  sealedJson,
  signers,
  votes,
} from "./receipt-forge.ts";
import {
  cancellation,
  certify,
  chainOf,
  childOf,
  finalize,
  finalized,
  leafOf,
  leaves,
  networkId,
  ownHeader,
  payment,
  sealed,
} from "./workshop.ts";

export const creation: WalletCreation = {
  kind: "walletCreation",
  author: namedSigningKey("issuer").publicKey,
  id: namedUuid("creation"),
  validUntil: 1_800_000_000_000,
  publicKey: namedSigningKey("owner").publicKey,
  asset: "BTC",
  initialBalance: amount(1_000n),
};

const all = signers(0, 1, 2, 3);
const DECLINED = { status: "declined", reason: "insufficientFunds" } as const;
/** A verifier that knows fewer decline reasons refuses this one. */
const DECLINED_LAST = {
  status: "declined",
  reason: DECLINE_REASONS.at(-1) ?? DECLINED.reason,
} as const;

/** One that is alone in its block, under its own sealed header. */
export function sealedAlone(leaf: Bytes, sealing: Sealing = {}): JsonObject {
  const { place, header } = alone(leaf);
  return sealedJson(encoded([header]), { place, ...sealing });
}

function lastOfItsBlock(): JsonObject {
  const order = leaves.toSpliced(2, 1).concat(leaves.slice(2, 3));
  const hashes = order.map((leaf) => leafHash(sha256, leaf));
  const [leaf = new Uint8Array(), index] = [order.at(-1), order.length - 1];
  const header = { ...ownHeader, resultsRoot: merkleRoot(sha256, hashes) };
  const place = { leaf, index, path: inclusionPath(sha256, hashes, index) };
  return sealedJson(encoded([header, childOf(header)]), { place });
}

function pendingDeclined(): JsonObject {
  const { place, header } = alone(leafOf(payment, DECLINED));
  const chain = [header, childOf(header)];
  const finalization = votes(finalize(chain[1] ?? header, {}, all));
  return { ...pendingJson(encoded(chain), finalization), ...jsonPlace(place.leaf) };
}

function jsonPlace(leaf: Bytes): JsonObject {
  return { leaf: Buffer.from(leaf).toString("base64"), index: 0, path: [] };
}

function creationLeaf(): Bytes {
  const signed = signOperation(networkId, namedSigningKey("issuer"), creation);
  return encodeResultLeaf(networkId, signed, { status: "applied" });
}

export const WHOLE_RECEIPTS: readonly (readonly [string, OperationName, JsonObject])[] = [
  ["under a header two above its own", "payment", jsonOf(sealed())],
  ["under its own header", "payment", jsonOf(sealed(chainOf(1)))],
  ["of a declined operation", "payment", sealedAlone(leafOf(payment, DECLINED))],
  [
    "of an operation that was declined for the last of the reasons",
    "payment",
    sealedAlone(leafOf(payment, DECLINED_LAST)),
  ],
  ["whose key all members vouch for", "payment", jsonOf(sealed(chainOf(2), certify({}, all)))],
  [
    "whose key the last members vouch for",
    "payment",
    jsonOf(sealed(chainOf(1), certify({}, signers(1, 2, 3)))),
  ],
  ["of the last operation in its block", "payment", lastOfItsBlock()],
  ["of a wallet's creation", "creation", sealedAlone(creationLeaf())],
  ["of a cancellation", "cancellation", sealedAlone(leafOf(cancellation))],
  [
    "of a cancellation after its deadline",
    "cancellation",
    sealedAlone(leafOf(cancellation, { status: "declined", reason: "expired" })),
  ],
  ["under five headers", "payment", jsonOf(sealed(chainOf(5)))],
  ["whose seal is pending, under its own header", "payment", jsonOf(finalized(chainOf(1)))],
  ["whose seal is pending, under three headers", "payment", jsonOf(finalized())],
  ["of a declined operation whose seal is pending", "payment", pendingDeclined()],
  [
    "whose fields have the contract's names",
    "payment",
    rename(sealedAlone(leafOf(payment), { certificate: certificateJson() })),
  ],
];

function rename(json: JsonObject): JsonObject {
  const { sealedHeader, keyCertificate, sealPending, ...rest } = json;
  return {
    ...rest,
    sealed_header: sealedHeader ?? null,
    key_certificate: keyCertificate ?? null,
    seal_pending: sealPending ?? null,
  };
}
