/** What a client is told when its operation does not come in: one refusal for every reason, field and remedy named. */
import type { InvalidReason } from "../../ledger/invalid-reason.ts";
import { unreachable } from "../../primitives/assert.ts";
import { toHex } from "../../primitives/bytes.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import type { DeclineReason } from "../../primitives/result.ts";
import type { History } from "../../storage/history.ts";
import { Refusal, type RefusalReason } from "../../transport/refusal.ts";

/**
 * JSON names of what differs between two bodies under one id. The deadline does not count: with another one it is the
 * same order, repeated by a client that dates each request (L8).
 */
export function differences(left: Operation, right: Operation): string[] {
  const [a, b] = [fieldsOf(left), fieldsOf({ ...right, validUntil: left.validUntil })];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => a[name] !== b[name]);
}

export function fieldOfId({ kind }: Operation): string {
  return kind === "transfer" ? "transaction.id" : "creationId";
}

export function idInUse(asked: Operation, held: SignedOperation): Refusal {
  const differs = differences(asked, held.operation);
  return new Refusal("ID_IN_USE", {
    message: `the id ${asked.id} is used by another body; they differ in ${differs.join(", ")}`,
    field: fieldOfId(asked),
    metadata: { id: asked.id, differs: differs.join(",") },
  });
}

/** A refusal for what admission found. */
export function refusalOf(operation: Operation, reason: InvalidReason | DeclineReason): Refusal {
  const [name, field, message] = describe(operation, reason);
  const prefix = operation.kind === "transfer" && field !== "signature" ? "transaction." : "";
  return new Refusal(name, { message, ...(field === "" ? {} : { field: `${prefix}${field}` }) });
}

/** A signature for another network looks like any other wrong one: the network is part of what is signed. */
export function wrongSignature(operation: Operation, network: NetworkId): Refusal {
  const whose = operation.kind === "transfer" ? "paying wallet's key" : "author's key";
  const networkId = toHex(network);
  return new Refusal("INVALID_SIGNATURE", {
    message: `the signature is not by the ${whose} over this operation in network ${networkId}`,
    field: "signature",
    metadata: { networkId },
  });
}

export function unknownWallet(id: string, field: string): Refusal {
  return new Refusal("UNKNOWN_WALLET", { message: `there is no wallet ${id}`, field });
}

/** What this node does not know may stand in the blocks that it does not hold yet (A7). */
export function historyIncomplete(field: string, { from, below }: History): Refusal {
  return new Refusal("HISTORY_INCOMPLETE", {
    message: `this node does not know this id, and blocks ${below + 1} to ${from - 1}, which may hold it, are still to come`,
    field,
  });
}

export function memoryShort(): Refusal {
  return new Refusal("MEMORY_SHORT", {
    message: "this node has no memory left for a new wallet, which would stay for ever",
  });
}

export function poolFull(): Refusal {
  return new Refusal("POOL_FULL", {
    message: "this node holds as many unordered operations as it takes",
  });
}

type Description = readonly [RefusalReason, string, string];

function describe(operation: Operation, reason: InvalidReason | DeclineReason): Description {
  switch (reason) {
    case "zeroAmount":
      return ["AMOUNT_ZERO", "amount", "the amount is zero"];
    case "payerIsPayee":
      return ["SELF_TRANSFER", "to", "the transfer pays the wallet it comes from"];
    case "referenceTooLong":
      return ["LIMIT", "reference", "the reference is longer than 140 bytes of UTF-8"];
    case "validUntilTooEarly":
    case "expired":
      return ["WINDOW_PAST", "validUntil", "the deadline is past"];
    case "validUntilTooLate":
      return ["WINDOW_TOO_FAR", "validUntil", "the deadline lies farther ahead than allowed"];
    case "unknownAsset":
      return ["UNKNOWN_ASSET", "asset", "the network has no such asset"];
    case "invalidPublicKey":
      return ["MALFORMED", "publicKey", "the key is no canonical point of prime order"];
    case "authorIsNotIssuer":
      return ["NOT_ISSUER", "issuer", "the author of a creation with money is no issuer"];
    case "walletExists":
      return ["WALLET_EXISTS", "creationId", "a wallet of this key and creation id exists"];
    case "unknownPayee":
      return ["UNKNOWN_PAYEE", "to", "there is no such wallet to be paid"];
    case "assetMismatch":
      return ["ASSET_MISMATCH", "to", "the wallet to be paid holds another asset"];
    case "assetIsNotPayers":
      return ["ASSET_MISMATCH", "asset", "the paying wallet holds another asset"];
    case "insufficientFunds":
      return ["INSUFFICIENT_FUNDS", "amount", "the paying wallet holds less than the amount"];
    case "overflow":
      return ["OVERFLOW", amountField(operation), "the supply of the asset would pass 2^64 - 1"];
    case "unknownPayer":
      return ["UNKNOWN_WALLET", "from", "there is no such wallet to pay from"];
    case "wrongNetwork":
      return ["WRONG_NETWORK", "", "the operation names another network"];
    case "limit":
    case "tooManyBytes":
    case "tooManyOperations":
      return ["LIMIT", "", "the operation is larger than the network allows"];
    case "idUsed":
      return ["ID_IN_USE", "id", "the id is used"];
    case "authorIsNotPayer":
    case "authorIsNotWalletKey":
    case "wrongSignature":
      return ["INVALID_SIGNATURE", "signature", "the author is not whose signature is due"];
    case "sponsorQuotaUsed":
      return [
        "SPONSOR_QUOTA_USED",
        "initialBalance",
        "this node answers for as many wallets without money as the genesis allows",
      ];
    case "sponsorCapReached":
      return ["TOO_MANY_REQUESTS", "", "this node sponsors no more wallets for now"];
    case "malformed":
    case "sponsorMissing":
    case "sponsorNotDue":
    case "unknownSponsor":
    case "authorIsNotValidator":
    case "ceremonyStepOutOfPlace":
    case "timeBeforeParent":
      return ["MALFORMED", "", `the operation is out of place (${reason})`];
    default:
      return unreachable(reason);
  }
}

function amountField(operation: Operation): string {
  return operation.kind === "transfer" ? "amount" : "initialBalance";
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
