/**
 * Checks a receipt offline, against nothing but the genesis: the result is in its block, the block is under the
 * sealed header by parent hashes, the seal is the group key's, and a quorum of the genesis vouches for that key.
 */
import { decodeHeader, type Header } from "../primitives/block.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { keyCertificateChecks } from "../primitives/key-certificate.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash, verifyInclusion } from "../primitives/merkle-tree.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
import { decodeResultLeaf, type ResultLeaf } from "../primitives/result.ts";
import type { Verify } from "../primitives/signature.ts";
import { quorumOf, type Validator } from "../primitives/validators.ts";
import { certificateChecks } from "../primitives/vote.ts";

/** What a verifier trusts: the network as the genesis names it, and its own hash and verifier. */
export interface Trust {
  readonly networkId: NetworkId;
  readonly validators: readonly Validator[];
  readonly hash: Hash;
  readonly verify: Verify;
}

/** What a receipt proves. */
export interface VerifiedReceipt extends ResultLeaf {
  readonly valid: true;
  /** True under the threshold signature; false if a quorum's individual votes stand for it. */
  readonly sealed: boolean;
  /** Header of the block that holds the operation. */
  readonly header: Header;
  /** Header that carries the seal or the finalization. */
  readonly certifiedHeader: Header;
}

/** Why a receipt proves nothing. */
export interface ReceiptProblem {
  readonly valid: false;
  /** The part of the receipt that fails: leaf, path, headers, sealedHeader, keyCertificate, finalization. */
  readonly field: string;
  readonly problem: string;
}

export function verifyReceipt(trust: Trust, receipt: Receipt): VerifiedReceipt | ReceiptProblem {
  const leaf = decodeResultLeaf(trust.hash, trust.networkId, receipt.leaf);
  if (leaf instanceof EncodingError) return problem("leaf", leaf.message);
  const chain = readChain(trust, receipt.proof);
  if ("valid" in chain) return chain;
  const { header, certifiedHeader, certifiedBytes } = chain;
  const included = verifyInclusion(trust.hash, {
    leafHash: leafHash(trust.hash, receipt.leaf),
    index: receipt.index,
    count: header.operationCount,
    path: receipt.path,
    root: header.resultsRoot,
  });
  if (!included) return problem("path", "does not lead from the leaf to the header's results root");
  const failure =
    receipt.proof.kind === "sealed"
      ? checkSeal(trust, receipt.proof, certifiedHeader)
      : checkFinalization(trust, receipt.proof, certifiedHeader, certifiedBytes);
  if (failure !== undefined) return failure;
  const sealed = receipt.proof.kind === "sealed";
  return { valid: true, ...leaf, sealed, header, certifiedHeader };
}

interface Chain {
  readonly header: Header;
  readonly certifiedHeader: Header;
  readonly certifiedBytes: Bytes;
}

/** Every header is of this network and the child of the one before it. */
function readChain(trust: Trust, proof: ReceiptProof): Chain | ReceiptProblem {
  const all =
    proof.kind === "sealed" ? [...proof.headers, proof.sealedHeader.bytes] : [...proof.headers];
  if (all.length > LIMITS.sealInterval + 1) {
    return problem("headers", `more than ${LIMITS.sealInterval} headers below the sealed one`);
  }
  const headers: Header[] = [];
  for (const [place, bytes] of all.entries()) {
    const header = decodeHeader(bytes);
    if (header instanceof EncodingError) return problem("headers", header.message);
    if (!equalBytes(header.networkId, trust.networkId)) {
      return problem("headers", "a header names another network");
    }
    const below = headers.at(-1);
    const belowBytes = all[place - 1];
    if (below !== undefined && belowBytes !== undefined) {
      const child =
        header.height === below.height + 1 && equalBytes(header.parentHash, trust.hash(belowBytes));
      if (!child) return problem("headers", "a header is not the child of the one before it");
    }
    headers.push(header);
  }
  const [header, certifiedHeader, certifiedBytes] = [headers[0], headers.at(-1), all.at(-1)];
  if (!header || !certifiedHeader || !certifiedBytes) return problem("headers", "there are none");
  return { header, certifiedHeader, certifiedBytes };
}

function checkSeal(
  trust: Trust,
  proof: Extract<ReceiptProof, { kind: "sealed" }>,
  certifiedHeader: Header,
): ReceiptProblem | undefined {
  const { keyCertificate, sealedHeader } = proof;
  const fits =
    equalBytes(keyCertificate.networkId, trust.networkId) &&
    keyCertificate.epoch === certifiedHeader.epoch &&
    keyCertificate.threshold === quorumOf(trust.validators.length);
  if (!fits) return problem("keyCertificate", "is of another network, epoch or threshold");
  const checks = keyCertificateChecks(trust.validators, keyCertificate);
  if (checks === undefined || !checks.every(trust.verify)) {
    return problem("keyCertificate", "is not signed by a quorum of the genesis");
  }
  const { bytes: message, seal: signature } = sealedHeader;
  if (!trust.verify({ publicKey: keyCertificate.groupKey, message, signature })) {
    return problem("sealedHeader", "the seal is not the group key's signature over the bytes");
  }
  return undefined;
}

function checkFinalization(
  trust: Trust,
  proof: Extract<ReceiptProof, { kind: "finalized" }>,
  header: Header,
  headerBytes: Bytes,
): ReceiptProblem | undefined {
  const { subject } = proof.finalization;
  const fits =
    subject.kind === "finalize" &&
    subject.epoch === header.epoch &&
    subject.view === header.view &&
    subject.height === header.height &&
    equalBytes(subject.blockHash, trust.hash(headerBytes));
  if (!fits) return problem("finalization", "is not about the last header");
  const checks = certificateChecks(trust.networkId, trust.validators, proof.finalization);
  if (checks === undefined || !checks.every(trust.verify)) {
    return problem("finalization", "is not signed by a quorum of the genesis");
  }
  return undefined;
}

function problem(field: string, text: string): ReceiptProblem {
  return { valid: false, field, problem: text };
}
