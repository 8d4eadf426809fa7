/** Refusals for operations that are not admitted: each reason has one, with field and remedy. */
import type { InvalidReason } from "../../ledger/invalid-reason.ts";
import { rulesOf } from "../../ledger/operation-rules.ts";
import { toHex } from "../../primitives/bytes.ts";
import type { EncodingError } from "../../primitives/encoding.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import type { DeclineReason } from "../../primitives/result.ts";
import type { History } from "../../storage/history.ts";
import { Refusal, type RefusalReason } from "../../transport/refusal.ts";
import { requestNames } from "../../transport/request-names.ts";
import type { TooFast } from "../intake/order-rates.ts";

/**
 * JSON names of the differences between two bodies under one id. The deadline does not count: with another deadline
 * it is the same order, repeated by a client that dates each request (L8).
 */
export function differences(left: Operation, right: Operation): string[] {
  const [a, b] = [fieldsOf(left), fieldsOf({ ...right, validUntil: left.validUntil })];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => a[name] !== b[name]);
}

export function fieldOfId(operation: Operation): string {
  const { prefix, id } = requestNames(operation);
  return `${prefix}${id}`;
}

export function idInUse(asked: Operation, held: SignedOperation): Refusal {
  const differs = differences(asked, held.operation);
  return new Refusal("ID_IN_USE", {
    message: `the id ${asked.id} is used by another body; they differ in ${differs.join(", ")}`,
    field: fieldOfId(asked),
    metadata: { id: asked.id, differs: differs.join(",") },
  });
}

/** For an id of another principal: nothing is said of its body. */
export function idTaken(asked: Operation): Refusal {
  return new Refusal("ID_IN_USE", {
    message: `the id ${asked.id} is used by another principal of this gateway`,
    field: fieldOfId(asked),
    remedy: "Choose another id, at random.",
    metadata: { id: asked.id },
  });
}

/** The refusal for a verdict of admission. */
export function refusalOf(operation: Operation, reason: Reason): Refusal {
  const [name, field, message] = describe(reason);
  if (reason === "kindNotActive") {
    return new Refusal(name, { message, metadata: { ruleset: `${rulesOf(operation).since}` } });
  }
  if (field === "" || field === "signature") {
    return new Refusal(name, { message, ...(field === "" ? {} : { field }) });
  }
  const { prefix, amount } = requestNames(operation);
  return new Refusal(name, { message, field: `${prefix}${field === "amount" ? amount : field}` });
}

/** A signature for another network fails like any other wrong one, because the signed bytes include the network. */
export function wrongSignature(operation: Operation, network: NetworkId): Refusal {
  const { signer } = requestNames(operation);
  const networkId = toHex(network);
  return new Refusal("INVALID_SIGNATURE", {
    message: `the signature is not by the ${signer} over this operation in network ${networkId}`,
    field: "signature",
    metadata: { networkId },
  });
}

export function unknownWallet(id: string, field: string): Refusal {
  return new Refusal("UNKNOWN_WALLET", { message: `there is no wallet ${id}`, field });
}

/** For canonical bytes that no operation of this network has. */
export function unreadableTransfer({ code, message }: EncodingError): Refusal {
  const reason = code === "wrongNetwork" ? "WRONG_NETWORK" : "MALFORMED";
  return new Refusal(reason, { message, field: "operation" });
}

export function notTransfer(message: string): Refusal {
  return new Refusal("MALFORMED", { message, field: "operation" });
}

/** An id that this node does not know may be in blocks that it does not hold yet (A7). */
export function historyIncomplete(field: string, { from, below }: History): Refusal {
  return new Refusal("HISTORY_INCOMPLETE", {
    message: `this node does not know this id, and blocks ${below + 1} to ${from - 1}, which may hold it, are still to come`,
    field,
  });
}

/** The block is final, and this node has dropped its body; `nodes`: those that say that they keep it. */
export function pruned(
  at: number,
  { bodiesFrom, nodes }: { readonly bodiesFrom: number; readonly nodes: readonly string[] },
): Refusal {
  const known = nodes.length === 0 ? "no node is known to keep it" : `${nodes.join(", ")} keep it`;
  return new Refusal("PRUNED", {
    message: `block ${at} is final, and this node keeps the contents of blocks from ${bodiesFrom} on alone; ${known}`,
    metadata: { bodiesFrom: `${bodiesFrom}`, nodes: nodes.join(",") },
  });
}

export function memoryShort(): Refusal {
  return new Refusal("MEMORY_SHORT", {
    message: "this node has no memory left for a new wallet, which would stay for ever",
  });
}

export function poolFull(): Refusal {
  return new Refusal("POOL_FULL", {
    message: "this node holds as many unordered operations as it accepts",
  });
}

/** Nothing was ordered: the same request may be sent again. */
export function tooFast({ of, waitMs }: TooFast, operation?: Operation): Refusal {
  const metadata = { retryAfterMs: String(waitMs) };
  if (operation?.kind === "cancellation") {
    return new Refusal("TOO_MANY_REQUESTS", {
      message:
        "the paying wallet holds no money beside its payments under way, and this node takes no more orders of such wallets for now",
      field: "cancellation.from",
      remedy: "Send it again after retryAfterMs.",
      metadata,
    });
  }
  return new Refusal("TOO_MANY_REQUESTS", {
    message: {
      sponsored: "this node sponsors no more wallets without money for now",
      uncovered:
        "the payments of this wallet that are under way leave it less than the amount, and this node takes no more such orders for now",
    }[of],
    field: { sponsored: "initialBalance", uncovered: "transaction.amount" }[of],
    remedy: {
      sponsored:
        "Send it again after retryAfterMs, or have an issuer create the wallet with money.",
      uncovered: "Send it again when the payments under way are final.",
    }[of],
    metadata,
  });
}

type Reason = InvalidReason | DeclineReason;
/** Reason, field without its prefix ("amount" has another name in a creation), message. */
type Description = readonly [RefusalReason, string, string];

const PAST: Description = ["WINDOW_PAST", "validUntil", "the deadline is past"];
const TOO_LARGE: Description = ["LIMIT", "", "the operation is larger than the network allows"];
const NOT_SIGNER: Description = [
  "INVALID_SIGNATURE",
  "signature",
  "the author is not the required signer",
];

const DESCRIPTIONS: Readonly<Record<Reason, Description | "outOfPlace">> = {
  zeroAmount: ["AMOUNT_ZERO", "amount", "the amount is zero"],
  payerIsPayee: ["SELF_TRANSFER", "to", "the transfer pays its own payer"],
  referenceTooLong: [
    "LIMIT",
    "reference",
    `the reference is longer than ${LIMITS.referenceLengthMax} bytes of UTF-8`,
  ],
  validUntilTooEarly: PAST,
  expired: PAST,
  validUntilTooLate: [
    "WINDOW_TOO_FAR",
    "validUntil",
    "the deadline lies farther ahead than allowed",
  ],
  unknownAsset: ["UNKNOWN_ASSET", "asset", "the network has no such asset"],
  invalidPublicKey: ["MALFORMED", "publicKey", "the key is no canonical point of prime order"],
  authorIsNotIssuer: ["NOT_ISSUER", "issuer", "the author of a creation with money is no issuer"],
  walletExists: ["WALLET_EXISTS", "creationId", "a wallet of this key and creation id exists"],
  unknownPayee: ["UNKNOWN_PAYEE", "to", "the wallet to be paid does not exist"],
  assetMismatch: ["ASSET_MISMATCH", "to", "the wallet to be paid holds another asset"],
  assetIsNotPayers: ["ASSET_MISMATCH", "asset", "the paying wallet holds another asset"],
  insufficientFunds: [
    "INSUFFICIENT_FUNDS",
    "amount",
    "the paying wallet holds less than the amount",
  ],
  overflow: ["OVERFLOW", "amount", "the supply of the asset would pass 2^64 - 1"],
  unknownPayer: ["UNKNOWN_WALLET", "from", "the paying wallet does not exist"],
  wrongNetwork: ["WRONG_NETWORK", "", "the operation names another network"],
  limit: TOO_LARGE,
  tooManyBytes: TOO_LARGE,
  tooManyOperations: TOO_LARGE,
  idUsed: ["ID_IN_USE", "id", "the id is used"],
  authorIsNotPayer: NOT_SIGNER,
  authorIsNotWalletKey: NOT_SIGNER,
  wrongSignature: NOT_SIGNER,
  sponsorQuotaUsed: [
    "SPONSOR_QUOTA_USED",
    "initialBalance",
    "this node answers for as many wallets without money as the genesis allows",
  ],
  sponsorCapReached: ["TOO_MANY_REQUESTS", "", "this node sponsors no more wallets for now"],
  kindNotActive: [
    "NOT_ACTIVE",
    "",
    "the network does not take this kind of order yet, because its members have not activated the ruleset that has it",
  ],
  malformed: "outOfPlace",
  sponsorMissing: "outOfPlace",
  sponsorNotDue: "outOfPlace",
  unknownSponsor: "outOfPlace",
  authorIsNotValidator: "outOfPlace",
  ceremonyStepOutOfPlace: "outOfPlace",
  timeBeforeParent: "outOfPlace",
  rulesetUnknown: "outOfPlace",
  activationIdIsNotPlans: "outOfPlace",
  approvalMissing: "outOfPlace",
  activationNotDue: "outOfPlace",
  rulesetNotNew: "outOfPlace",
};

function describe(reason: Reason): Description {
  const description = DESCRIPTIONS[reason];
  return description === "outOfPlace"
    ? ["MALFORMED", "", `the operation is out of place (${reason})`]
    : description;
}

/** A flat text of every field, under the name it has in JSON. */
function fieldsOf(operation: Operation): Record<string, string | undefined> {
  const names: Record<string, string> = { id: "id", author: "signer" };
  return Object.fromEntries(
    Object.entries(operation).map(([name, value]) => [names[name] ?? name, textOf(value)]),
  );
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
