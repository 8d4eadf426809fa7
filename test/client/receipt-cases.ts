/**
 * Receipts to accept, and for every check of docs/signing.md receipts that fail it and no other. Everything that
 * depends on the broken part is made and signed again, if necessary by a quorum.
 */
import type { JsonObject } from "@bufbuild/protobuf";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { FORM_CASES } from "./receipt-cases-form.ts";
import { PROOF_CASES } from "./receipt-cases-proof.ts";
import { RESULT_CASES } from "./receipt-cases-result.ts";
import { VOTE_CASES } from "./receipt-cases-votes.ts";
import type { OperationName } from "./receipt-forge.ts";
import { WHOLE_RECEIPTS } from "./whole-receipts.ts";

export interface ReceiptCase {
  readonly name: string;
  /** The number of the failing check; absent if all hold. */
  readonly check?: string;
  /** True if the receipt would be accepted without this check. False if nothing after the defect can be read. */
  readonly only?: boolean;
  readonly operation: OperationName;
  readonly text: Bytes;
}

export const ACCEPTED: readonly ReceiptCase[] = WHOLE_RECEIPTS.map(([name, operation, json]) => {
  return { name, operation, text: textOf(json) };
});

export const REFUSED: readonly ReceiptCase[] = [
  ...FORM_CASES,
  ...RESULT_CASES,
  ...PROOF_CASES,
  ...VOTE_CASES,
].map(([check, name, made, only]) => {
  return { check, name, operation: "payment", text: textOf(made), only: only === "only" };
});

function textOf(made: JsonObject | string | Bytes): Bytes {
  if (made instanceof Uint8Array) return made;
  return utf8(typeof made === "string" ? made : JSON.stringify(made));
}
