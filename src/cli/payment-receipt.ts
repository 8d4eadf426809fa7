/** Asks nodes for what was ordered under a payment's id, and believes what the receipt proves. */
import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { GetReceiptResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { outcomeOf, type ProvenOutcome } from "../client/cancel.ts";
import { signedBy } from "../client/signed-reads.ts";
import type { Wallet } from "../client/wallet.ts";
import type { OperationId } from "../primitives/ids.ts";
import type { Member, NetworkAccess } from "./network-access.ts";

export interface NamedPayment {
  /** The payer, whose key signs the questions. */
  readonly wallet: Wallet;
  readonly id: OperationId;
  /** The deadline that it was signed with; undefined if it is not known. */
  readonly validUntil: number | undefined;
}

export interface SettledPayment {
  /** The answer that brought the receipt, as JSON: `receipt verify` reads it. */
  readonly answer: JsonObject;
  readonly outcome: ProvenOutcome;
}

const TIMEOUT_MS = 5_000;

/** The first proof of an outcome; undefined if none of the members has one. */
export async function findOutcome(
  { trust, genesis: { timings } }: NetworkAccess,
  members: readonly Member[],
  { wallet, id, validUntil }: NamedPayment,
): Promise<SettledPayment | undefined> {
  const from = wallet.id;
  const options = { timeoutMs: TIMEOUT_MS, ...signedBy(wallet) };
  for (const { client } of members) {
    try {
      const answer = await client.calls.getReceipt({ from, id }, options);
      const outcome = outcomeOf({ trust, timings }, { from, id, validUntil }, answer);
      // An answer without a proof is as good as none.
      if ("valid" in outcome || outcome.outcome === "unproven") continue;
      const json = toJson(GetReceiptResponseSchema, answer, { alwaysEmitImplicit: true });
      return { answer: json as JsonObject, outcome };
    } catch {
      // Refused, or not answered: another member may have it.
    }
  }
  return undefined;
}
