/**
 * Checks a receipt offline, with nothing but the genesis (S10): the result is in its block; parent hashes lead from
 * the block to the certified header; and a quorum of the genesis certifies that header, by the group key that the
 * quorum confirmed or, while the seal is pending, by its own votes.
 */

import { epochAt, membersOf } from "../ledger/epochs.ts";
import { type Asset, type Genesis, networkIdOf } from "../ledger/genesis.ts";
import { unreachable } from "../primitives/assert.ts";
import { decodeHeader, type Header } from "../primitives/block.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash, verifyInclusion } from "../primitives/merkle-tree.ts";
import { type Epoch, height } from "../primitives/numbers.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
import { decodeResultLeaf, type ResultLeaf } from "../primitives/result.ts";
import type { IsValidPoint, Verify } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
import { certificateChecks } from "../primitives/vote.ts";
import {
  type KeyCertificateVerdict,
  verifyKeyCertificate,
} from "../seal/key-certificate-verdict.ts";

/** The functions that a verifier brings itself and trusts. */
export interface Cryptography {
  readonly hash: Hash;
  readonly verify: Verify;
  readonly isValidPoint: IsValidPoint;
}

/** The trust of a verifier: one network and the members of one epoch of it. */
export interface Trust extends Cryptography {
  readonly networkId: NetworkId;
  /** The epoch whose members these are; nothing certified in another one is accepted. */
  readonly epoch: Epoch;
  readonly validators: readonly Validator[];
  /** In the order of the genesis. */
  readonly assets: readonly Asset[];
}

/** The facts that a receipt proves. */
export interface VerifiedReceipt extends ResultLeaf {
  readonly valid: true;
  /** Header of the block that holds the operation. */
  readonly header: Header;
  /** Header that carries the seal or the finalization; the result's own or one above it. */
  readonly certifiedHeader: Header;
  /** Its proof is "sealed" (threshold signature) or "finalized" (a quorum's individual votes stand for it so far). */
  readonly receipt: Receipt;
}

/** The reason why a receipt proves nothing. */
export interface ReceiptProblem {
  readonly valid: false;
  /** JSON path of the part that fails; empty for the text as a whole. */
  readonly field: string;
  /** The fault, as a clause that follows the field. */
  readonly problem: string;
}

/** The trust that a genesis gives: its own members, in the first epoch. */
export function trustGenesis(genesis: Genesis, cryptography: Cryptography): Trust {
  const networkId = networkIdOf(cryptography.hash, genesis);
  const epoch = epochAt(genesis, height(0));
  const { assets } = genesis;
  return { ...cryptography, networkId, epoch, validators: membersOf(genesis, epoch), assets };
}

export function verifyReceipt(trust: Trust, receipt: Receipt): VerifiedReceipt | ReceiptProblem {
  const leaf = decodeResultLeaf(trust.hash, trust.networkId, receipt.leaf);
  if (leaf instanceof EncodingError) return receiptProblem("leaf", leaf.message);
  const { proof } = receipt;
  const chain = readChain(trust, proof);
  if ("valid" in chain) return chain;
  const { header, certifiedHeader } = chain;
  const failure = checkInclusion(trust, receipt, header) ?? checkCertificates(trust, proof, chain);
  return failure ?? { valid: true, ...leaf, header, certifiedHeader, receipt };
}

/** A proof that holds for any result of its block. */
export interface VerifiedProof {
  readonly valid: true;
  readonly proof: ReceiptProof;
  readonly header: Header;
  readonly certifiedHeader: Header;
}

/** The check of signatures, once for all results of a block. */
export function verifyProof(trust: Trust, proof: ReceiptProof): VerifiedProof | ReceiptProblem {
  const chain = readChain(trust, proof);
  if ("valid" in chain) return chain;
  const { header, certifiedHeader } = chain;
  const failure = checkCertificates(trust, proof, chain);
  return failure ?? { valid: true, proof, header, certifiedHeader };
}

/** The rest of the check of one receipt, whose proof holds. */
export function verifyUnder(
  trust: Trust,
  { proof, header, certifiedHeader }: VerifiedProof,
  place: Omit<Receipt, "proof">,
): VerifiedReceipt | ReceiptProblem {
  const leaf = decodeResultLeaf(trust.hash, trust.networkId, place.leaf);
  if (leaf instanceof EncodingError) return receiptProblem("leaf", leaf.message);
  const failure = checkInclusion(trust, place, header);
  const receipt = { ...place, proof };
  return failure ?? { valid: true, ...leaf, header, certifiedHeader, receipt };
}

function checkInclusion(
  { hash }: Trust,
  { leaf, index, path }: Omit<Receipt, "proof">,
  { operationCount: count, resultsRoot: root }: Header,
): ReceiptProblem | undefined {
  if (verifyInclusion(hash, { leafHash: leafHash(hash, leaf), index, count, path, root })) {
    return undefined;
  }
  return receiptProblem("path", "does not lead from leaf and index to the header's results root");
}

function checkCertificates(
  trust: Trust,
  proof: ReceiptProof,
  chain: Chain,
): ReceiptProblem | undefined {
  return proof.kind === "sealed"
    ? checkSeal(trust, proof, chain.certifiedHeader)
    : checkFinalization(trust, proof, chain);
}

export function receiptProblem(field: string, problem: string): ReceiptProblem {
  return { valid: false, field, problem };
}

interface Chain {
  readonly header: Header;
  readonly certifiedHeader: Header;
  readonly certifiedBytes: Bytes;
}

/** Every header is of this network and the child of the one before it. */
function readChain(trust: Trust, proof: ReceiptProof): Chain | ReceiptProblem {
  const sealedBytes = proof.kind === "sealed" ? [proof.sealedHeader.bytes] : [];
  const all = [...proof.headers, ...sealedBytes];
  const countMax = proof.kind === "sealed" ? LIMITS.sealInterval : LIMITS.fetchedBlocksMax;
  if (all.length > countMax + 1) {
    return receiptProblem("headers", `are ${all.length}, where ${countMax + 1} may be needed`);
  }
  const headers: Header[] = [];
  for (const [index, bytes] of all.entries()) {
    const field = index < proof.headers.length ? `headers[${index}]` : "sealedHeader.bytes";
    const header = decodeHeader(bytes);
    if (header instanceof EncodingError) return receiptProblem(field, header.message);
    if (!equalBytes(header.networkId, trust.networkId)) {
      return receiptProblem(field, "names another network than the genesis");
    }
    const [below, belowBytes] = [headers.at(-1), all[index - 1]];
    const isChild =
      below === undefined ||
      belowBytes === undefined ||
      (header.height === below.height + 1 && equalBytes(header.parentHash, trust.hash(belowBytes)));
    if (!isChild) return receiptProblem(field, "is not the child of the header before it");
    headers.push(header);
  }
  const [header, certifiedHeader, certifiedBytes] = [headers[0], headers.at(-1), all.at(-1)];
  if (!header || !certifiedHeader || !certifiedBytes) return receiptProblem("headers", "are none");
  return { header, certifiedHeader, certifiedBytes };
}

/** A key seals the headers of its own epoch, and those of older ones that were not sealed in time. */
function checkSeal(
  trust: Trust,
  proof: Extract<ReceiptProof, { kind: "sealed" }>,
  certifiedHeader: Header,
): ReceiptProblem | undefined {
  const { keyCertificate, sealedHeader } = proof;
  if (keyCertificate.epoch !== trust.epoch) {
    return receiptProblem(
      "keyCertificate.epoch",
      `is ${keyCertificate.epoch}, but the members of epoch ${trust.epoch} are known`,
    );
  }
  const verdict = verifyKeyCertificate(trust, keyCertificate, trust);
  if (verdict !== "valid") return keyCertificateProblem(verdict);
  if (certifiedHeader.epoch > keyCertificate.epoch) {
    return receiptProblem("sealedHeader.header.epoch", "is later than the key's");
  }
  const { bytes: message, seal: signature } = sealedHeader;
  if (!trust.verify({ publicKey: keyCertificate.groupKey, message, signature })) {
    return receiptProblem("sealedHeader.seal", "is not the group key's signature over the bytes");
  }
  return undefined;
}

function keyCertificateProblem(verdict: Exclude<KeyCertificateVerdict, "valid">): ReceiptProblem {
  switch (verdict) {
    case "wrongNetwork":
      return receiptProblem("keyCertificate.networkId", "names another network than the genesis");
    case "wrongThreshold":
      return receiptProblem("keyCertificate.threshold", "is not the quorum of the genesis");
    case "invalidGroupKey":
      return receiptProblem("keyCertificate.groupPublicKey", "is no valid Ed25519 public key");
    case "noQuorum":
      return receiptProblem(
        "keyCertificate.signatures",
        "are not those of a quorum of the members, in ascending order",
      );
    case "wrongSignature":
      return receiptProblem("keyCertificate.signatures", "are not all genuine");
    default:
      return unreachable(verdict);
  }
}

function checkFinalization(
  trust: Trust,
  proof: Extract<ReceiptProof, { kind: "finalized" }>,
  { certifiedHeader: header, certifiedBytes }: Chain,
): ReceiptProblem | undefined {
  const { subject } = proof.finalization;
  const fits =
    subject.kind === "finalize" &&
    subject.epoch === header.epoch &&
    subject.view === header.view &&
    subject.height === header.height &&
    equalBytes(subject.blockHash, trust.hash(certifiedBytes));
  if (!fits) return receiptProblem("finalization", "is not about the last of the headers");
  if (subject.epoch !== trust.epoch) {
    return receiptProblem(
      "finalization",
      `is of epoch ${subject.epoch}, but the members of epoch ${trust.epoch} are known`,
    );
  }
  const checks = certificateChecks(trust.networkId, trust.validators, proof.finalization);
  if (checks === undefined) {
    return receiptProblem("finalization", "is not signed by a quorum of the members");
  }
  if (!checks.every(trust.verify)) {
    return receiptProblem("finalization", "holds a signature that is not genuine");
  }
  return undefined;
}
