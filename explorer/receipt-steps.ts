/**
 * The check of a receipt step by step, each on its own, so that a reader sees what holds and what does not. The verdict is that of the
 * verifier (src/client/receipt-json.ts) alone; a step is shown beside it and can never make a receipt valid.
 */

import { verifyReceiptJson } from "../src/client/receipt-json.ts";
import { RECEIPT } from "../src/client/receipt-table.ts";
import type { ReceiptProblem, Trust, VerifiedReceipt } from "../src/client/receipt-verifier.ts";
import { decodeHeader, type Header } from "../src/primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../src/primitives/bytes.ts";
import { EncodingError } from "../src/primitives/encoding.ts";
import { isRecord, type Json } from "../src/primitives/json.ts";
import { leafHash, verifyInclusion } from "../src/primitives/merkle-tree.ts";
import type { Receipt } from "../src/primitives/receipt.ts";
import { decodeResultLeaf } from "../src/primitives/result.ts";
import { certificateChecks } from "../src/primitives/vote.ts";
import { verifyKeyCertificate } from "../src/seal/key-certificate-verdict.ts";
import { receiptFromMessage } from "../src/transport/read-receipt.ts";
import { Refusal } from "../src/transport/refusal.ts";
import { readJsonText, refuseWrongField } from "../src/transport/strict-values.ts";

export interface Step {
  readonly name:
    | "leaf"
    | "path"
    | "headers"
    | "seal"
    | "keyCertificate"
    | "finalization"
    | "genesis"
    | "text";
  readonly title: string;
  /** Undefined: it could not be checked, because a part that it needs is not there. */
  readonly holds: boolean | undefined;
  /** What was compared, for a person. */
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface Checked {
  readonly verdict: VerifiedReceipt | ReceiptProblem;
  readonly steps: readonly Step[];
}

/** `text`: a receipt, or an answer with one, in the JSON of the API. */
export function checkReceipt(trust: Trust, text: Bytes): Checked {
  const verdict = verifyReceiptJson(trust, text);
  const receipt = readReceipt(text);
  if (receipt === undefined) return { verdict, steps: [textStep(verdict, [])] };
  const steps = stepsOf(trust, receipt);
  return { verdict, steps: [...steps, textStep(verdict, steps)] };
}

/** Without the parts of the text that only show what the bytes say: these are for the verdict. */
function readReceipt(text: Bytes): Receipt | undefined {
  const fields = refuseWrongField(() => RECEIPT.read(receiptIn(readJsonText(text)), ""));
  if (fields instanceof Refusal) return undefined;
  const receipt = receiptFromMessage(fields);
  return receipt instanceof Refusal ? undefined : receipt;
}

function receiptIn(value: Json): Json {
  return isRecord(value) ? (value["receipt"] ?? value) : value;
}

function stepsOf(trust: Trust, receipt: Receipt): readonly Step[] {
  const { proof } = receipt;
  const sealed = proof.kind === "sealed" ? [proof.sealedHeader.bytes] : [];
  const bytes = [...proof.headers, ...sealed];
  const headers = bytes.map(decodeHeader);
  const first = headers[0];
  const header = first === undefined || first instanceof EncodingError ? undefined : first;
  const certificates =
    proof.kind === "sealed" ? sealSteps(trust, proof) : [finalizationStep(trust, proof, bytes)];
  return [
    leafStep(trust, receipt),
    pathStep(trust, receipt, header),
    headersStep(trust, bytes, headers),
    ...certificates,
    genesisStep(trust),
  ];
}

function leafStep({ hash, networkId }: Trust, { leaf, index }: Receipt): Step {
  const read = decodeResultLeaf(hash, networkId, leaf);
  const holds = !(read instanceof EncodingError);
  return {
    ...{ name: "leaf", title: "The result", holds },
    text: holds
      ? "The leaf names this network, the operation and its result, and hashes to the place where the path begins."
      : read.message,
    facts: [
      ["leaf", `${leaf.length} bytes, place ${index} of its block`],
      ["SHA-256(00 ‖ leaf)", toHex(leafHash(hash, leaf))],
    ],
  };
}

function pathStep(
  { hash }: Trust,
  { leaf, index, path }: Receipt,
  header: Header | undefined,
): Step {
  const common = { name: "path", title: "Its place in the block" } as const;
  if (header === undefined)
    return { ...common, holds: undefined, text: "The block's header cannot be read.", facts: [] };
  const { operationCount: count, resultsRoot: root } = header;
  const holds = verifyInclusion(hash, { leafHash: leafHash(hash, leaf), index, count, path, root });
  return {
    ...{ ...common, holds },
    text: holds
      ? leadingText(path.length)
      : "The path does not lead from the leaf to the root that the header names.",
    facts: [
      ...path.map((one, i) => [`hash ${i + 1}`, toHex(one)] as const),
      ["root in the header", toHex(root)],
    ],
  };
}

function leadingText(hashes: number): string {
  if (hashes === 0)
    return "It is the only result of the block: its hash is the root that the header names.";
  const lead = hashes === 1 ? "1 hash leads" : `${hashes} hashes lead`;
  return `${lead} from the leaf to the root that the header names: the result is in this block.`;
}

function headersStep(
  { hash, networkId }: Trust,
  bytes: readonly Bytes[],
  headers: readonly (Header | EncodingError)[],
): Step {
  const holds =
    headers.length > 0 &&
    headers.every((header, i) => {
      if (header instanceof EncodingError || !equalBytes(header.networkId, networkId)) return false;
      const [below, belowBytes] = [headers[i - 1], bytes[i - 1]];
      if (below === undefined || belowBytes === undefined) return true;
      if (below instanceof EncodingError) return false;
      return header.height === below.height + 1 && equalBytes(header.parentHash, hash(belowBytes));
    });
  const heights = headers.map((one) => (one instanceof EncodingError ? "?" : one.height));
  const [lowest, highest] = [heights[0], heights.at(-1)];
  const one = `The header of block ${lowest} names this network.`;
  const chain = `The headers of blocks ${lowest} to ${highest} name this network, and each is the parent of the next.`;
  const good = heights.length > 1 ? chain : one;
  return {
    ...{ name: "headers", title: "The block's header", holds },
    text: holds ? good : "The headers are not a chain of blocks of this network.",
    facts: bytes.map((one, i) => [`hash of block ${heights[i]}`, toHex(hash(one))] as const),
  };
}

function sealSteps(
  trust: Trust,
  proof: Extract<Receipt["proof"], { kind: "sealed" }>,
): readonly Step[] {
  const { keyCertificate, sealedHeader } = proof;
  const { bytes: message, seal: signature } = sealedHeader;
  const isSealed = trust.verify({ publicKey: keyCertificate.groupKey, message, signature });
  const isOfEpoch = keyCertificate.epoch === trust.epoch;
  const isCertified = isOfEpoch && verifyKeyCertificate(trust, keyCertificate, trust) === "valid";
  const signers = keyCertificate.signatures.map(({ signer }) => memberName(trust, signer));
  return [
    {
      ...{ name: "seal", title: "The seal", holds: isSealed },
      text: isSealed
        ? `The seal is the group key's Ed25519 signature over the header: ${keyCertificate.threshold} members made it together.`
        : "The seal is not the group key's Ed25519 signature over the header.",
      facts: [
        ["seal", toHex(signature)],
        ["group key", toHex(keyCertificate.groupKey)],
      ],
    },
    {
      ...{ name: "keyCertificate", title: "The key certificate", holds: isCertified },
      text: isCertified
        ? `${signers.join(", ")} confirm the group key with their own keys: a quorum of the ${trust.validators.length} members.`
        : "No quorum of the members confirms the group key.",
      facts: keyCertificate.signatures.map(({ signer, signature: own }) => {
        return [`signature of ${memberName(trust, signer)}`, toHex(own)] as const;
      }),
    },
  ];
}

function finalizationStep(
  trust: Trust,
  { finalization }: Extract<Receipt["proof"], { kind: "finalized" }>,
  bytes: readonly Bytes[],
): Step {
  const { subject, signatures } = finalization;
  const last = bytes.at(-1);
  const isAbout =
    subject.kind === "finalize" &&
    last !== undefined &&
    subject.epoch === trust.epoch &&
    equalBytes(subject.blockHash, trust.hash(last));
  const checks = certificateChecks(trust.networkId, trust.validators, finalization);
  const holds = isAbout && checks?.every(trust.verify) === true;
  const signers = signatures.map(({ signer }) => memberName(trust, signer));
  return {
    ...{ name: "finalization", title: "The votes", holds },
    text: holds
      ? `${signers.join(", ")} voted to make this block final: a quorum. Their seal was still to come.`
      : "The votes are not those of a quorum for this block.",
    facts: signatures.map(({ signer, signature }) => {
      return [`vote of ${memberName(trust, signer)}`, toHex(signature)] as const;
    }),
  };
}

function memberName({ validators }: Trust, index: number): string {
  return validators[index]?.id ?? `member ${index}`;
}

/** It holds by itself: all steps above were held against it. */
function genesisStep({ networkId, validators }: Trust): Step {
  return {
    ...{ name: "genesis", title: "The genesis", holds: true },
    text: `All of this was held against ${validators.length} members and the network id of the genesis. Compare the id with your own copy.`,
    facts: [["SHA-256(genesis)", toHex(networkId)]],
  };
}

/** Faults that the verdict alone tells: the form of the text, and fields beside the bytes that say something else. */
function textStep(verdict: VerifiedReceipt | ReceiptProblem, steps: readonly Step[]): Step {
  const common = { name: "text", title: "The file", facts: [] } as const;
  if (verdict.valid) {
    return {
      ...common,
      holds: true,
      text: "Every field of the file says what the proved bytes say.",
    };
  }
  const isTold = steps.some(({ holds }) => holds === false);
  const field = verdict.field === "" ? "The file" : `The field ${verdict.field}`;
  return { ...common, holds: isTold ? undefined : false, text: `${field} ${verdict.problem}.` };
}
