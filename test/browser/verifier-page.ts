/** The verifier alone, as a page loads it: all that the check of a receipt needs, cryptography included. */
import { isValidPoint, sha256, verify } from "../../src/client/portable-crypto.ts";
import { verifyReceiptText } from "../../src/client/receipt-text.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { parseGenesis } from "../../src/ledger/genesis-json.ts";
import { fromBase64 } from "../../src/primitives/base64.ts";

export interface Judged {
  readonly outcome: "applied" | "declined" | "invalid";
  /** JSON path of the failing part. */
  readonly field: string;
}

/** Judges receipts in JSON, each in base64, by the genesis in `genesisText`. */
export function judgeAll(genesisText: string, receipts: readonly string[]): readonly Judged[] {
  const genesis = parseGenesis(isValidPoint, genesisText);
  if (genesis instanceof Error) throw genesis;
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  return receipts.map((text) => {
    const found = verifyReceiptText(trust, fromBase64(text));
    return found.valid
      ? { outcome: found.result.status, field: "" }
      : { outcome: "invalid", field: found.field };
  });
}

Object.assign(globalThis, { judgeAll });
