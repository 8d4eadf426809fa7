/**
 * The link to a receipt, which QR codes hold: the network and the payment, or the wallet whose creation it is. It has no amount, no
 * reference, no name and no proof; a node gives the receipt to those who may read it.
 */
import { sha256 } from "../node/base/crypto.ts";
import { assert, unreachable } from "../primitives/assert.ts";
import { fromHex, toHex } from "../primitives/bytes.ts";
import { type NetworkId, parseUuid } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import type { ReceiptQuery } from "../transport/ledger-api.ts";
import { receiptQueryOf } from "../transport/ordered-operation.ts";

const FORM =
  /^countersign:receipt\?network=([0-9a-f]{64})&(?:from=([0-9a-f-]{36})&id=([0-9a-f-]{36})|wallet=([0-9a-f-]{36}))$/;

export interface ReceiptLink {
  readonly networkId: NetworkId;
  readonly query: ReceiptQuery;
}

export function formatLink(networkId: NetworkId, operation: Operation): string {
  const query = receiptQueryOf({ hash: sha256, networkId }, operation);
  assert(query !== undefined, "no receipt is about an operation that only nodes make");
  return `countersign:receipt?network=${toHex(networkId)}&${parametersOf(query)}`;
}

function parametersOf(query: ReceiptQuery): string {
  switch (query.kind) {
    case "transfer":
      return `from=${query.from}&id=${query.id}`;
    case "creation":
      return `wallet=${query.walletId}`;
    default:
      return unreachable(query);
  }
}

/** Undefined for any other text. */
export function parseLink(text: string): ReceiptLink | undefined {
  const [, network = "", payer = "", payment = "", wallet = ""] = FORM.exec(text) ?? [];
  const networkId = fromHex(network) as NetworkId | undefined;
  if (network === "" || networkId === undefined) return undefined;
  const [from, id, walletId] = [payer, payment, wallet].map(parseUuid);
  if (walletId !== undefined) return { networkId, query: { kind: "creation", walletId } };
  if (from === undefined || id === undefined) return undefined;
  return { networkId, query: { kind: "transfer", from, id } };
}
