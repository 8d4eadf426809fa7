/** The verifier alone, as a page loads it: all that the check of a receipt or a proof needs, cryptography included. */
import { isValidPoint, sha256, verify } from "../../src/client/portable-crypto.ts";
import { verifyReceiptText } from "../../src/client/receipt-text.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { parseGenesis } from "../../src/ledger/genesis-json.ts";
import { fromBase64 } from "../../src/primitives/base64.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import type { ProofCase } from "../client/proof-cases.ts";
import { judgedProof, type Judged as Proven } from "../client/proof-facts.ts";

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

/** A proof in base64, and what the reader asks about. */
export interface AskedProof {
  readonly kind: ProofCase["kind"];
  readonly wallet?: WalletId | undefined;
  readonly base64: string;
}

/** Judges proofs in their binary form. */
export function judgeProofs(genesisText: string, asked: readonly AskedProof[]): readonly Proven[] {
  const genesis = parseGenesis(isValidPoint, genesisText);
  if (genesis instanceof Error) throw genesis;
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  return asked.map(({ base64, ...one }) =>
    judgedProof(trust, { ...one, bytes: fromBase64(base64) }),
  );
}

Object.assign(globalThis, { judgeAll, judgeProofs });
