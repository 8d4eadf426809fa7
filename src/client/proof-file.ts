/**
 * Proofs as files: the canonical bytes, one line of JSON around them, or a receipt as the API writes it (docs/proofs.md). A file is checked offline, with nothing
 * but the genesis, in Node and in a browser.
 */
import { fromBase64, isBase64 } from "../primitives/base64.ts";
import { type Bytes, concatBytes, equalBytes, utf8 } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Receipt } from "../primitives/receipt.ts";
import { decodeReceipt } from "../primitives/receipt-bytes.ts";
import { decodeStatementProof } from "../primitives/statement-proof.ts";
import { TAGS } from "../primitives/tags.ts";
import { decodeWalletProof } from "../primitives/wallet-proof.ts";
import { fromReceiptProblem, type ProofProblem, proofProblem } from "./proof-problem.ts";
import { readReceiptFile } from "./receipt-text.ts";
import { type Trust, type VerifiedReceipt, verifyReceipt } from "./receipt-verifier.ts";
import { judgeStatement, type VerifiedStatement } from "./statement-verifier.ts";
import {
  judgeWalletProof,
  type VerifiedAbsence,
  type VerifiedSupply,
  type VerifiedWallet,
  verifySupplyProof,
} from "./wallet-proof-verifier.ts";

export type VerifiedFile =
  | VerifiedWallet
  | VerifiedAbsence
  | VerifiedSupply
  | VerifiedStatement
  | VerifiedReceiptFile;

/** The kinds of proofs, each with the tag that its bytes begin with. */
const KINDS = {
  [TAGS.receipt]: verifyReceiptBytes,
  [TAGS.walletProof]: verifyWallet,
  [TAGS.supplyProof]: verifySupplyProof,
  [TAGS.statementProof]: verifyWholeStatement,
} as const;

type ProofTag = keyof typeof KINDS;

const BRACE = 0x7b;

/**
 * Verifies a proof of any kind, in any form; the caller looks at `kind` of the verdict, and at the wallet that it is about.
 * The file may prove another thing than the one that was asked for.
 */
export function verifyProofFile(trust: Trust, file: Bytes): VerifiedFile | ProofProblem {
  if (file.length > LIMITS.proofBytesMax) {
    return proofProblem("form", `there are more than ${LIMITS.proofBytesMax} bytes`);
  }
  if (isReceiptJson(file)) return verifyReceiptOfApi(trust, file);
  const bytes = file[0] === BRACE ? bytesOfJson(file) : file;
  if ("valid" in bytes) return bytes;
  const tag = tagOf(bytes);
  if (tag === undefined) return proofProblem("form", "it does not begin as a proof does");
  return KINDS[tag](trust, bytes);
}

/** True for JSON that is not a line around a proof: if it proves anything, it is a receipt of the API. */
export function isReceiptJson(file: Bytes): boolean {
  if (equalBytes(file.subarray(0, LINE_HEAD.length), LINE_HEAD)) return false;
  return file.find((byte) => !JSON_SPACE.includes(byte)) === BRACE;
}

const LINE_HEAD = utf8('{"format":');
const JSON_SPACE = utf8(" \t\r\n");

type VerifiedReceiptFile = VerifiedReceipt & { readonly kind: "receipt" };

/** Verifies the canonical bytes of a receipt. */
export function verifyReceiptBytes(trust: Trust, bytes: Bytes): VerifiedReceiptFile | ProofProblem {
  const receipt = decodeReceipt(bytes);
  if (receipt instanceof EncodingError) return proofProblem("form", receipt.message);
  return judgeReceipt(trust, receipt);
}

/** The fields beside the receipt in an answer are not looked at: the verdict shows what is proven. */
function verifyReceiptOfApi(trust: Trust, file: Bytes): VerifiedReceiptFile | ProofProblem {
  const receipt = readReceiptFile(file);
  if (!("valid" in receipt)) return judgeReceipt(trust, receipt);
  return proofProblem("form", `${receipt.field} ${receipt.problem}`.trimStart());
}

function judgeReceipt(trust: Trust, receipt: Receipt): VerifiedReceiptFile | ProofProblem {
  const verdict = verifyReceipt(trust, receipt);
  return verdict.valid ? { ...verdict, kind: "receipt" } : fromReceiptProblem(verdict);
}

/** One line: {"format":"TAG","proof":"BASE64"}. The bytes begin with the same tag. */
export function proofToJson(bytes: Bytes): string {
  return new TextDecoder().decode(concatBytes(headOf(bytes), utf8(base64Of(bytes)), TAIL));
}

const TAIL = utf8('"}\n');
const LINE_FEED = 0x0a;

function headOf(bytes: Bytes): Bytes {
  return utf8(`{"format":"${tagOf(bytes)}","proof":"`);
}

/** There is one text for given bytes, but for the line feed at its end, which may be missing. */
function bytesOfJson(file: Bytes): Bytes | ProofProblem {
  const text = file.at(-1) === LINE_FEED ? file.subarray(0, -1) : file;
  const found = /^\{"format":"[a-z0-9/-]+","proof":"([A-Za-z0-9+/=]*)"\}$/.exec(
    new TextDecoder("latin1").decode(text),
  );
  const encoded = found?.[1];
  if (encoded === undefined || !isBase64(encoded)) {
    return proofProblem("form", 'it is not of the form {"format":"…","proof":"…"}');
  }
  const bytes = fromBase64(encoded);
  const head = headOf(bytes);
  if (equalBytes(text.subarray(0, head.length), head)) return bytes;
  return proofProblem("form", "the format in front is not that of the proof");
}

function tagOf(bytes: Bytes): ProofTag | undefined {
  return (Object.keys(KINDS) as ProofTag[]).find((tag) => {
    return bytes[0] === tag.length && equalBytes(bytes.subarray(1, 1 + tag.length), utf8(tag));
  });
}

/** In pieces: the arguments of a call are limited. */
function base64Of(bytes: Bytes): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(binary);
}

/** A file names the wallet that it is about itself. */
function verifyWallet(trust: Trust, bytes: Bytes): ReturnType<typeof judgeWalletProof> {
  const proof = decodeWalletProof(bytes);
  if (proof instanceof EncodingError) return proofProblem("form", proof.message);
  return judgeWalletProof(trust, proof.walletId, proof);
}

function verifyWholeStatement(trust: Trust, bytes: Bytes): ReturnType<typeof judgeStatement> {
  const proof = decodeStatementProof(bytes);
  if (proof instanceof EncodingError) return proofProblem("form", proof.message);
  return judgeStatement(trust, proof.closing.walletId, proof);
}
