/** Payments, and receipts under their ids that rule them out for ever or say nothing of them: the edges of L28. */
import { create, fromJson } from "@bufbuild/protobuf";
import { GetReceiptResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { outcomeOf } from "../../src/client/cancel.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import type { Cancellation } from "../../src/primitives/operations/cancellation.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { Result } from "../../src/primitives/result.ts";
import { namedSigningKey, namedUuid } from "../support/operations.ts";
import { sealedAlone } from "./whole-receipts.ts";
import { cancellation, genesis, leafOf, networkId, ownHeader, payment, trust } from "./workshop.ts";

interface Case {
  readonly name: string;
  readonly payment: Transfer;
  /** The operation of the receipt. */
  readonly ordered: Transfer | Cancellation;
  readonly receipt: string;
  readonly never: boolean;
}

const { time } = ownHeader;
const { graceMs } = genesis.timings;
const EXPIRED: Result = { status: "declined", reason: "expired" };

function caseOf(
  [name, never]: readonly [string, boolean],
  changes: Partial<Transfer>,
  ordered: Transfer | Cancellation = cancellation,
  result?: Result,
): Case {
  const receipt = JSON.stringify(sealedAlone(leafOf(ordered, result)));
  return { name, never, payment: { ...payment, ...changes }, ordered, receipt };
}

const whole = caseOf(["a payment with the same deadline", true], {});

const CASES: readonly Case[] = [
  whole,
  caseOf(["a payment with an earlier deadline", true], { validUntil: time + 1 }),
  caseOf(["a payment with the earliest deadline", true], { validUntil: time - graceMs }),
  caseOf(["a payment that could be ordered before only", false], {
    validUntil: time - graceMs - 1,
  }),
  caseOf(["a payment with a later deadline", false], { validUntil: cancellation.validUntil + 1 }),
  caseOf(
    ["a payment, after its own deadline", true],
    { validUntil: time - 1 },
    { ...cancellation, validUntil: time - 1 },
    EXPIRED,
  ),
  caseOf(["a payment of another wallet", false], { from: namedUuid("another wallet") }),
  caseOf(["a payment under another id", false], { id: namedUuid("another payment") }),
  caseOf(["a payment by another key", false], { author: namedSigningKey("thief").publicKey }),
  caseOf(["a payment that was made", false], {}, payment),
  caseOf(["a payment that was declined", false], {}, payment, EXPIRED),
  { ...whole, ...forged(), name: "a payment, by a forged seal", never: false },
];

/** The seal is over another header. */
function forged() {
  const seal = () => namedSigningKey("group key").sign(sha256(utf8("another header")));
  return { receipt: JSON.stringify(sealedAlone(leafOf(cancellation), { seal })) };
}

const hex = (operation: Operation): string =>
  Buffer.from(encodeOperation(networkId, operation) as Bytes).toString("hex");

/** As test/vectors/receipts.json has them. */
export const CANCELLED = CASES.map(({ name, payment: asked, ordered, receipt, never }) => {
  return { name, payment: hex(asked), cancellation: hex(ordered), receipt, never };
});

/** This project's verifier: it is told the payment's wallet, id and deadline, as its owner knows them. */
export function isNeverMade(place: number): boolean {
  const { payment: asked, receipt } = CASES[place] ?? whole;
  const message = fromJson(ReceiptSchema, JSON.parse(receipt));
  const answer = create(GetReceiptResponseSchema, { receipt: message });
  const outcome = outcomeOf({ trust, timings: genesis.timings }, asked, answer);
  // The wallet's key is in its id's derivation; here ids are made up, so that the author is compared by itself.
  const isOwn =
    "receipt" in outcome && Buffer.from(outcome.receipt.operation.author).equals(asked.author);
  return "outcome" in outcome && outcome.outcome === "never" && isOwn;
}
