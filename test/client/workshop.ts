// Receipts made by hand with all keys of a network of four: with them, tests can do what only a quorum could.
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { encodeHeader, HEADER_VERSION, type Header } from "../../src/primitives/block.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import {
  encodeKeyCertificateBody,
  type KeyCertificate,
  type KeyCertificateBody,
} from "../../src/primitives/key-certificate.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import {
  epoch,
  height,
  type ValidatorIndex,
  validatorIndex,
  view,
} from "../../src/primitives/numbers.ts";
import type { Cancellation } from "../../src/primitives/operations/cancellation.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { Receipt, ReceiptProof } from "../../src/primitives/receipt.ts";
import { encodeResultLeaf, type Result } from "../../src/primitives/result.ts";
import {
  type Certificate,
  encodeVoteSubject,
  type VoteSubject,
} from "../../src/primitives/vote.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { inclusionPath } from "../support/inclusion-path.ts";
import { namedSigningKey, namedUuid, signOperation } from "../support/operations.ts";
import { validatorOf } from "../support/validator.ts";
import { cryptography } from "./network.ts";

export const groupKey = namedSigningKey("group key");
const members = [0, 1, 2, 3].map(validatorIndex);
export const quorum = members.slice(0, 3);

/** Rules of any network; members of this one. */
export const genesis: Genesis = {
  ...createGenesis(),
  validators: members.map((index) =>
    validatorOf(index, {
      identityKey: namedSigningKey(`identity ${index}`).publicKey,
      custodyKey: namedSigningKey(`custody ${index}`).publicKey,
    }),
  ),
};
export const trust: Trust = trustGenesis(genesis, cryptography);
export const { networkId } = trust;

/** The transfer that the receipts here are about. */
export const payment: Transfer = {
  kind: "transfer",
  author: namedSigningKey("payer").publicKey,
  id: namedUuid("payment"),
  validUntil: 1_800_000_000_000,
  from: namedUuid("paying wallet"),
  to: namedUuid("paid wallet"),
  asset: "EUR",
  amount: amount(25n),
  reference: undefined,
};

/** Takes the payment's id. */
export const cancellation: Cancellation = {
  kind: "cancellation",
  author: payment.author,
  id: payment.id,
  validUntil: payment.validUntil,
  from: payment.from,
};

export function leafOf(
  operation: Transfer | Cancellation,
  result: Result = { status: "applied" },
): Bytes {
  const signed = signOperation(networkId, namedSigningKey("payer"), operation);
  return encodeResultLeaf(networkId, signed, result);
}

/** Leaves of a block whose third is the payment's. */
export const leaves = [1n, 2n, 25n, 4n, 5n].map((value, i) => {
  return leafOf(
    i === 2 ? payment : { ...payment, id: namedUuid(`other ${i}`), amount: amount(value) },
  );
});
export const INDEX = 2;

const digest = (name: string): Bytes => sha256(utf8(name));

/** The header of the payment's block. */
export const ownHeader: Header = {
  version: HEADER_VERSION,
  networkId,
  epoch: epoch(1),
  height: height(10),
  view: view(12),
  parentHash: digest("parent"),
  operationCount: leaves.length,
  operationsRoot: digest("operations"),
  resultsRoot: merkleRoot(
    sha256,
    leaves.map((leaf) => leafHash(sha256, leaf)),
  ),
  walletCount: 2,
  stateRoot: digest("state"),
  supply: [amount(1_000n), amount(0n)],
  time: 1_790_000_000_000,
  proposer: validatorIndex(0),
};

/** An empty child of `parent` with these changes. */
export function childOf(parent: Header, changes: Partial<Header> = {}): Header {
  return {
    ...parent,
    height: height(parent.height + 1),
    view: view(parent.view + 1),
    parentHash: sha256(encodeHeader(parent)),
    operationCount: 0,
    resultsRoot: merkleRoot(sha256, []),
    ...changes,
  };
}

/** `count` headers, the payment's first. */
export function chainOf(count: number, last: Partial<Header> = {}): Header[] {
  const headers = [count === 1 ? { ...ownHeader, ...last } : ownHeader];
  while (headers.length < count) {
    const parent = headers.at(-1) ?? ownHeader;
    headers.push(childOf(parent, headers.length === count - 1 ? last : {}));
  }
  return headers;
}

export function certify(
  changes: Partial<KeyCertificateBody> = {},
  signers: readonly ValidatorIndex[] = quorum,
): KeyCertificate {
  const body = {
    networkId,
    epoch: epoch(1),
    groupKey: groupKey.publicKey,
    threshold: 3,
    transcriptHash: digest("transcript"),
    ...changes,
  };
  const message = encodeKeyCertificateBody(body);
  return { ...body, signatures: signers.map((signer) => signatureOf(signer, message)) };
}

export function finalize(
  header: Header,
  changes: Partial<Exclude<VoteSubject, { kind: "nullify" }>> = {},
  signers: readonly ValidatorIndex[] = quorum,
): Certificate {
  const subject: VoteSubject = {
    kind: "finalize",
    epoch: header.epoch,
    view: header.view,
    height: header.height,
    blockHash: sha256(encodeHeader(header)),
    ...changes,
  };
  const message = encodeVoteSubject(networkId, subject);
  return { subject, signatures: signers.map((signer) => signatureOf(signer, message)) };
}

export function signatureOf(signer: ValidatorIndex, message: Bytes) {
  return { signer, signature: namedSigningKey(`identity ${signer}`).sign(message) };
}

/** Seals the last of `headers`. */
export function sealed(
  headers: readonly Header[] = chainOf(3),
  keyCertificate: KeyCertificate = certify(),
) {
  const all = headers.map(encodeHeader);
  const bytes = all.pop() ?? new Uint8Array();
  const sealedHeader = { bytes, seal: groupKey.sign(bytes) };
  return receiptWith({ kind: "sealed", headers: all, sealedHeader, keyCertificate });
}

/** Ends in the last of `headers`, under votes. */
export function finalized(headers: readonly Header[] = chainOf(3), finalization?: Certificate) {
  return receiptWith({
    kind: "finalized",
    headers: headers.map(encodeHeader),
    finalization: finalization ?? finalize(headers.at(-1) ?? ownHeader),
  });
}

function receiptWith<Proof extends ReceiptProof>(
  proof: Proof,
): Receipt & { readonly proof: Proof } {
  const leafHashes = leaves.map((leaf) => leafHash(sha256, leaf));
  const leaf = leaves[INDEX] ?? new Uint8Array();
  return { leaf, index: INDEX, path: inclusionPath(sha256, leafHashes, INDEX), proof };
}
