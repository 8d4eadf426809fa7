/** `countersign receipt get`: fetches a receipt, checks it, and prints it as a file to keep. */

import { toJson } from "@bufbuild/protobuf";
import { GetReceiptResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { unreachable } from "../primitives/assert.ts";
import { toHex } from "../primitives/bytes.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { printable } from "../primitives/printable.ts";
import { receiptQueryOf } from "../transport/ordered-operation.ts";
import { usage } from "./arguments.ts";
import { askFirst } from "./calls.ts";
import { CommandError, EXIT, type Options, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { readId } from "./id-arguments.ts";
import {
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { checkOutcome } from "./order-outcome.ts";
import { ownReads } from "./own-wallet.ts";
import { parseLink, type ReceiptLink } from "./receipt-link.ts";
import { formatNamed } from "./receipt-summary.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "receipt get";

const QUERY_OPTIONS = {
  from: { kind: "text", value: "WALLET", summary: "the paying wallet; with --id" },
  id: { kind: "text", value: "UUID", summary: "the payment's id; with --from" },
  wallet: { kind: "text", value: "WALLET", summary: "a wallet: the receipt of its creation" },
  link: {
    kind: "text",
    value: "LINK",
    summary: "instead of these: what the QR code of countersign receipt show holds",
  },
  as: {
    kind: "text",
    value: "WALLET",
    summary: "the wallet whose key signs the call (default: the one of --from or --wallet)",
  },
} as const satisfies Options;

export const receiptGet = defineCommand({
  name: NAME,
  example:
    "countersign receipt get --from 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --id 5b1c8e0a-9f3d-4c27-8a6e-1d2f3b4c5d6e",
  details:
    "The receipt is checked before it is printed. The output is always JSON, which " +
    "countersign receipt verify reads. If the key of the wallet is in --wallets, it signs the call: a node shows " +
    "a receipt to payer and payee without a token.",
  operands: [],
  options: { ...QUERY_OPTIONS, ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const { query, about, link } = readQuery(values, names);
    const reader = values.as === undefined ? about : readWallet(`${NAME}: --as`, values.as, names);
    const network = openNetwork(NAME, values);
    try {
      if (link !== undefined) checkNetwork(link, network);
      const members = membersFor(NAME, network, values.node);
      const reads = await ownReads(NAME, values, network.trust.networkId, [reader]);
      if (values.as !== undefined && !reads.has(reader)) throw noKey(values, reader);
      const { answer } = await askFirst(NAME, members, (calls) =>
        calls.getReceipt(query, reads.get(reader)),
      );
      const { lines, unsealed } = checkOutcome(NAME, network, answer, (operation) => {
        return isAsked(network, query, operation);
      });
      const value = toJson(GetReceiptResponseSchema, answer, { alwaysEmitImplicit: true });
      terminal.note(formatNamed(lines, names));
      if (unsealed !== undefined) terminal.note(`${NAME}: ${unsealed}`);
      terminal.answer({ value, text: JSON.stringify(value) });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

function noKey({ wallets }: { readonly wallets: string }, wallet: WalletId): CommandError {
  return new CommandError(
    `${NAME}: the key of ${wallet} is not in ${wallets}; name a wallet by --as whose key is here (see wallet list), or its folder by --wallets DIR`,
  );
}

function isAsked({ trust }: NetworkAccess, { from, id, walletId }: Query, operation: Operation) {
  const query = receiptQueryOf(trust, operation);
  if (query === undefined) return false;
  switch (query.kind) {
    case "transfer":
      return query.from === from && query.id === id;
    case "creation":
      return query.walletId === walletId;
    default:
      return unreachable(query);
  }
}

interface Query {
  readonly from?: WalletId;
  readonly id?: OperationId;
  readonly walletId?: WalletId;
}

/** A query, and the wallet that it asks about. */
interface Asked {
  readonly query: Query;
  readonly about: WalletId;
  readonly link?: ReceiptLink;
}

function readQuery(
  { from, id, wallet, link }: Values<typeof QUERY_OPTIONS>,
  names: WalletNames,
): Asked {
  const others = [from, id, wallet].filter((one) => one !== undefined);
  if (link !== undefined && others.length === 0) return readLink(link);
  if (link !== undefined) {
    throw usage(`${NAME}: --link stands alone, without --from, --id and --wallet`);
  }
  if (wallet !== undefined && from === undefined && id === undefined) {
    const walletId = readWallet(`${NAME}: --wallet`, wallet, names);
    return { query: { walletId }, about: walletId };
  }
  if (wallet === undefined && from !== undefined && id !== undefined) {
    const payer = readWallet(`${NAME}: --from`, from, names);
    return { query: { from: payer, id: readId(`${NAME}: --id`, id) }, about: payer };
  }
  throw usage(`${NAME}: name a payment by --from and --id, or a wallet by --wallet`);
}

function readLink(text: string): Asked {
  const link = parseLink(text);
  if (link === undefined) {
    throw usage(
      `${NAME}: --link is "${printable(text)}", but must be a link of countersign receipt show: countersign:receipt?network=…`,
    );
  }
  const { query } = link;
  switch (query.kind) {
    case "transfer":
      return { query: { from: query.from, id: query.id }, about: query.from, link };
    case "creation":
      return { query: { walletId: query.walletId }, about: query.walletId, link };
    default:
      return unreachable(query);
  }
}

/** A link of another network would be answered with "not found". */
function checkNetwork({ networkId }: ReceiptLink, { trust }: NetworkAccess): void {
  if (toHex(networkId) === toHex(trust.networkId)) return;
  throw new CommandError(
    `${NAME}: the link is of network ${toHex(networkId)}, and the genesis of ${toHex(trust.networkId)}; name that network by --network DIR`,
  );
}
