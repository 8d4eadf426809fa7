// A wallet that clients of a run pay from, whose key a client or a gateway holds, and the orders for it. An order is
// made once and is repeated unchanged through any gateway.
import { create } from "@bufbuild/protobuf";
import {
  type TransactionRequest,
  TransactionRequestSchema,
  TransactionResponseSchema,
  type WalletCreationRequest,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  DeclineReason,
  type Result,
  ResultStatus,
  Wait,
} from "../../gen/countersign/v1/types_pb.ts";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import {
  type NetworkId,
  type OperationId,
  parseUuid,
  type WalletId,
} from "../../src/primitives/ids.ts";
import type { Question, Reply } from "../support/history/history.ts";
import { randomUuid } from "../support/operations.ts";
import { replyOfResult } from "./recorder.ts";

export interface Purse {
  readonly id: WalletId;
  /** The key, if the client holds it. */
  readonly wallet?: Wallet | undefined;
  /** The index of the gateway that holds the key. */
  readonly custodian?: number | undefined;
}

/** One operation in the form in which it is sent and repeated. */
export interface Order {
  readonly question: Extract<Question, { kind: "transfer" | "creation" }>;
  /** The gateways that may take it. Other gateways know it only once it is ordered. */
  readonly gateway: number | undefined;
  readonly send: (calls: GatewayClient["calls"]) => Promise<Reply>;
}

export function newWallet(networkId: NetworkId): { wallet: Wallet; creationId: OperationId } {
  const key = signingKeyOf(entropy(32));
  const creationId = randomUuid();
  return { wallet: new Wallet({ networkId, hash: sha256, key, creationId }), creationId };
}

/** A creation without money, signed by the wallet's own key: any gateway may sponsor it. */
export function orderCreation(wallet: Wallet, validUntil: number): Order {
  const request = wallet.create({ asset: "EUR", validUntil });
  return creationOrder(request, { wallet: wallet.id, amount: 0n, gateway: undefined });
}

/** A creation with money, signed by a gateway as issuer: it is repeated through that gateway alone. */
export function orderIssued(wallet: Wallet, creationId: string, gateway: number): Order {
  const initialBalance = 1_000_000n;
  const request = { creationId, publicKey: wallet.publicKey, initialBalance };
  return creationOrder(request, { wallet: wallet.id, amount: initialBalance, gateway });
}

function creationOrder(
  request:
    | WalletCreationRequest
    | { creationId: string; publicKey: Uint8Array; initialBalance: bigint },
  made: { readonly wallet: string; readonly amount: bigint; readonly gateway: number | undefined },
): Order {
  const key = `wallet/${made.wallet}`;
  return {
    question: { kind: "creation", key, amount: `${made.amount}` },
    gateway: made.gateway,
    send: async (calls) => {
      const answer = await calls.walletCreation(request);
      const { receipt } = answer;
      return replyOfResult(WalletCreationResponseSchema, answer, {
        status: statusOf(answer.result),
        receipt,
      });
    },
  };
}

export function orderTransfer(
  from: Purse,
  terms: {
    readonly to: Purse;
    readonly units: bigint;
    readonly validUntil: number;
    readonly wait: "final" | "sealed";
  },
): Order {
  const { to, units, validUntil, wait } = terms;
  const id = randomUuid();
  const request: TransactionRequest =
    from.wallet?.transfer({ id, to: to.id, asset: "EUR", amount: amount(units), validUntil }) ??
    create(TransactionRequestSchema, {
      transaction: { from: from.id, to: to.id, amount: units, id },
    });
  request.wait = wait === "final" ? Wait.FINAL : Wait.SEALED;
  const key = `${from.id}/${id}`;
  return {
    question: { kind: "transfer", key, from: from.id, to: to.id, amount: `${units}`, wait },
    gateway: from.custodian,
    send: async (calls) => {
      const answer = await calls.transaction(request);
      const { receipt } = answer;
      return replyOfResult(TransactionResponseSchema, answer, {
        status: statusOf(answer.result),
        receipt,
      });
    },
  };
}

/** The status in the words of the ledger: "applied", "insufficientFunds". */
export function statusOf(result: Result | undefined): string {
  if (result?.status === ResultStatus.APPLIED) return "applied";
  const [name = ""] =
    Object.entries(DeclineReason).find(([, value]) => value === result?.reason) ?? [];
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A custodial wallet as its gateway created it. */
export function custodialPurse(id: string, custodian: number): Purse {
  const parsed = parseUuid(id);
  if (parsed === undefined) throw new Error(`"${id}" is no wallet`);
  return { id: parsed, custodian };
}
