/**
 * The check of a receipt step by step, as a reader can follow it. A step holds or fails as the verifier says (src/client/receipt-verifier.ts),
 * which stops at the first check that fails: the steps behind that one are not checked. The verdict on the file is that of
 * src/client/receipt-json.ts, and no step can make a receipt valid.
 */
import { reasonOfField } from "../src/client/proof-problem.ts";
import { verifyReceiptJson } from "../src/client/receipt-json.ts";
import { readReceiptFields } from "../src/client/receipt-text.ts";
import {
  type ReceiptProblem,
  type Trust,
  type VerifiedReceipt,
  verifyReceipt,
} from "../src/client/receipt-verifier.ts";
import { decodeHeader, type Header } from "../src/primitives/block.ts";
import { type Bytes, toHex } from "../src/primitives/bytes.ts";
import { EncodingError } from "../src/primitives/encoding.ts";
import { leafHash } from "../src/primitives/merkle-tree.ts";
import type { Receipt } from "../src/primitives/receipt.ts";
import { type ReceiptFields, receiptFromMessage } from "../src/transport/read-receipt.ts";
import { Refusal } from "../src/transport/refusal.ts";
import { genesisStep, type Step, UNCHECKED } from "./check-step.ts";

export interface Checked {
  readonly verdict: VerifiedReceipt | ReceiptProblem;
  readonly steps: readonly ReceiptStep[];
}

/** In the order in which the verifier checks; the page shows them from the result outwards. */
const CHECKED = ["leaf", "headers", "path", "keyCertificate", "seal", "finalization"] as const;

type CheckedName = (typeof CHECKED)[number];
type StepName = CheckedName | "text";

export type ReceiptStep = Step<StepName | "genesis">;

const REASONS = { result: "leaf", place: "path" } as const;

const TITLES: Readonly<Record<StepName, string>> = {
  leaf: "The result",
  path: "Its place in the block",
  headers: "The block's header",
  seal: "The seal",
  keyCertificate: "The key certificate",
  finalization: "The votes",
  text: "The file",
};

/** `text`: a receipt, or an answer with one, in the JSON of the API. */
export function checkReceipt(trust: Trust, text: Bytes): Checked {
  const verdict = verifyReceiptJson(trust, text);
  const receipt = readReceipt(text);
  if (!("unread" in receipt)) {
    const inside = verifyReceipt(trust, receipt);
    const steps = stepsOf(trust, receipt, inside);
    return { verdict, steps: [...steps, textStep(verdict, inside.valid)] };
  }
  if (verdict.valid || receipt.unread === "text") {
    return { verdict, steps: [textStep(verdict, true)] };
  }
  const unread = stepOf(receipt.unread, false, { good: "", bad: `${verdict.problem}.`, facts: [] });
  return { verdict, steps: [unread, textStep(verdict, false)] };
}

/**
 * Without the parts of the text that only show what the bytes say: these are for the verdict. `unread`: the step to which the part belongs
 * that cannot be read.
 */
function readReceipt(text: Bytes): Receipt | { readonly unread: StepName } {
  const fields = readReceiptFields(text);
  if (fields instanceof Refusal) return { unread: "text" };
  const receipt = receiptFromMessage(fields);
  return receipt instanceof Refusal ? { unread: unreadStep(fields, receipt) } : receipt;
}

function unreadStep(fields: ReceiptFields, { field }: Refusal): StepName {
  const { sealedHeader, sealPending, finalization } = fields;
  const isVotes = field === "finalization" && sealPending && finalization !== undefined;
  if (isVotes) return "finalization";
  const isHeader = field === "sealedHeader.bytes" && sealedHeader !== undefined;
  return isHeader && sealedHeader.bytes.length > 0 ? "headers" : "text";
}

function stepsOf(
  trust: Trust,
  receipt: Receipt,
  verdict: VerifiedReceipt | ReceiptProblem,
): readonly ReceiptStep[] {
  const { proof } = receipt;
  const sealed = proof.kind === "sealed" ? [proof.sealedHeader.bytes] : [];
  const bytes = [...proof.headers, ...sealed];
  const failing = verdict.valid ? CHECKED.length : CHECKED.indexOf(failingStep(verdict));
  const step = (name: CheckedName, { good, facts }: Omit<Told, "bad">): ReceiptStep => {
    const place = CHECKED.indexOf(name);
    const holds = place > failing ? undefined : place < failing;
    const bad = verdict.valid ? "" : `${verdict.field} ${verdict.problem}.`;
    return stepOf(name, holds, { good, bad, facts });
  };
  const headers = bytes.map(decodeHeader);
  const certificates =
    proof.kind === "sealed"
      ? [step("seal", sealTold(proof)), step("keyCertificate", keyTold(trust, proof))]
      : [step("finalization", votesTold(trust, proof))];
  return [
    step("leaf", leafTold(trust, receipt)),
    step("path", pathTold(receipt, headers[0])),
    step("headers", headersTold(trust, bytes, headers)),
    ...certificates,
    genesisStep(trust),
  ];
}

function failingStep({ field }: ReceiptProblem): CheckedName {
  const reason = reasonOfField(field);
  const named = reason === "result" || reason === "place" ? REASONS[reason] : reason;
  const found = CHECKED.find((name) => name === named);
  if (found === undefined) throw new Error(`no step checks ${field}`);
  return found;
}

/** The words of a step that holds, and of one that fails. */
interface Told {
  readonly good: string;
  readonly bad: string;
  readonly facts: Step["facts"];
}

function stepOf(
  name: StepName,
  holds: boolean | undefined,
  { good, bad, facts }: Told,
): ReceiptStep {
  const judged = holds === true ? good : bad;
  return {
    name,
    title: TITLES[name],
    holds,
    text: holds === undefined ? UNCHECKED : judged,
    facts,
  };
}

function leafTold({ hash }: Trust, { leaf, index }: Receipt): Omit<Told, "bad"> {
  return {
    good: "The leaf names this network, the operation and its result, and hashes to the place where the path begins.",
    facts: [
      ["leaf", `${leaf.length} bytes, place ${index} of its block`],
      ["SHA-256(00 ‖ leaf)", toHex(leafHash(hash, leaf))],
    ],
  };
}

function pathTold(
  { path }: Receipt,
  header: Header | EncodingError | undefined,
): Omit<Told, "bad"> {
  const isRead = header !== undefined && !(header instanceof EncodingError);
  return {
    good: leadingText(path.length),
    facts: [
      ...path.map((one, i) => [`hash ${i + 1}`, toHex(one)] as const),
      ...(isRead ? [["root in the header", toHex(header.resultsRoot)] as const] : []),
    ],
  };
}

function leadingText(hashes: number): string {
  if (hashes === 0)
    return "It is the only result of the block: its hash is the root that the header names.";
  const lead = hashes === 1 ? "1 hash leads" : `${hashes} hashes lead`;
  return `${lead} from the leaf to the root that the header names: the result is in this block.`;
}

function headersTold(
  { hash }: Trust,
  bytes: readonly Bytes[],
  headers: readonly (Header | EncodingError)[],
): Omit<Told, "bad"> {
  const heights = headers.map((one) => (one instanceof EncodingError ? "?" : one.height));
  const [lowest, highest] = [heights[0], heights.at(-1)];
  return {
    good:
      heights.length > 1
        ? `The headers of blocks ${lowest} to ${highest} name this network, and each is the parent of the next.`
        : `The header of block ${lowest} names this network.`,
    facts: bytes.map((one, i) => [`hash of block ${heights[i]}`, toHex(hash(one))] as const),
  };
}

type Sealed = Extract<Receipt["proof"], { kind: "sealed" }>;

function sealTold({ keyCertificate, sealedHeader }: Sealed): Omit<Told, "bad"> {
  return {
    good: `The seal is the group key's Ed25519 signature over the header: ${keyCertificate.threshold} members made it together.`,
    facts: [
      ["seal", toHex(sealedHeader.seal)],
      ["group key", toHex(keyCertificate.groupKey)],
    ],
  };
}

function keyTold(trust: Trust, { keyCertificate }: Sealed): Omit<Told, "bad"> {
  const signers = keyCertificate.signatures.map(({ signer }) => memberName(trust, signer));
  return {
    good: `${signers.join(", ")} confirm the group key with their own keys: a quorum of the ${trust.validators.length} members.`,
    facts: keyCertificate.signatures.map(({ signer, signature }) => {
      return [`signature of ${memberName(trust, signer)}`, toHex(signature)] as const;
    }),
  };
}

function votesTold(
  trust: Trust,
  { finalization }: Exclude<Receipt["proof"], Sealed>,
): Omit<Told, "bad"> {
  const { signatures } = finalization;
  const signers = signatures.map(({ signer }) => memberName(trust, signer));
  return {
    good: `${signers.join(", ")} voted to make this block final: a quorum. Their seal was still to come.`,
    facts: signatures.map(({ signer, signature }) => {
      return [`vote of ${memberName(trust, signer)}`, toHex(signature)] as const;
    }),
  };
}

function memberName({ validators }: Trust, index: number): string {
  return validators[index]?.id ?? `member ${index}`;
}

/** Faults that the verdict alone tells: the form of the text, and fields beside the bytes that say something else. */
function textStep(verdict: VerifiedReceipt | ReceiptProblem, othersHold: boolean): ReceiptStep {
  const good = "Every field of the file says what the proved bytes say.";
  if (verdict.valid) return stepOf("text", true, { good, bad: "", facts: [] });
  const field = verdict.field === "" ? "The file" : `The field ${verdict.field}`;
  const bad = `${field} ${verdict.problem}.`;
  return stepOf("text", othersHold ? false : undefined, { good, bad, facts: [] });
}
