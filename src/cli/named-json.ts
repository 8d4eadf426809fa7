/** The JSON of what lists show, as the API gives it, with the user's names for wallets beside their ids. */
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type Entry,
  EntrySchema,
  type GetWalletResponse,
  GetWalletResponseSchema,
  type OrderedTransaction,
  OrderedTransactionSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Webhook, WebhookSchema } from "../../gen/countersign/v1/operator_service_pb.ts";
import { type Wallet, WalletSchema } from "../../gen/countersign/v1/types_pb.ts";
import type { WalletNames } from "./wallet-names.ts";

const FORM = { alwaysEmitImplicit: true } as const;

export function entryJson(names: WalletNames, entry: Entry): JsonValue {
  return withNames(names, toJson(EntrySchema, entry, FORM), { counterparty: "counterpartyName" });
}

export function transactionJson(names: WalletNames, item: OrderedTransaction): JsonValue {
  const json = toJson(OrderedTransactionSchema, item, FORM);
  if (!isObject(json)) return json;
  const { transaction, creation } = json;
  return {
    ...json,
    ...(transaction !== undefined && {
      transaction: withNames(names, transaction, { from: "fromName", to: "toName" }),
    }),
    ...(creation !== undefined && {
      creation: withNames(names, creation, { walletId: "walletName" }),
    }),
  };
}

export function walletJson(names: WalletNames, wallet: Wallet): JsonValue {
  return withNames(names, toJson(WalletSchema, wallet, FORM), { id: "name" });
}

export function webhookJson(names: WalletNames, webhook: Webhook): JsonValue {
  return withNames(names, toJson(WebhookSchema, webhook, FORM), { walletId: "walletName" });
}

export function shownWalletJson(names: WalletNames, answer: GetWalletResponse): JsonValue {
  const json = toJson(GetWalletResponseSchema, answer, FORM);
  if (!isObject(json) || json["wallet"] === undefined) return json;
  return { ...json, wallet: withNames(names, json["wallet"], { id: "name" }) };
}

/** With the name of the wallet in each field, as a field of its own. */
function withNames(
  names: WalletNames,
  json: JsonValue,
  fields: Readonly<Record<string, string>>,
): JsonValue {
  if (!isObject(json)) return json;
  const added = Object.entries(fields).flatMap(([field, named]) => {
    const id = json[field];
    const name = typeof id === "string" ? names.nameOf(id) : undefined;
    return name === undefined ? [] : [[named, name] as const];
  });
  return { ...json, ...Object.fromEntries(added) };
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
