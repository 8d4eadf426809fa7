/** LedgerService over `LedgerApi`: converts requests to commands and queries, and answers to messages. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Caller } from "../access/principal.ts";
import { callerOfLedgerCall } from "./call-gate.ts";
import { countedAsOf } from "./caller.ts";
import {
  blockQueryFromMessage,
  blocksQueryFromMessage,
  blocksToMessage,
  blockToMessage,
  transactionsQueryFromMessage,
  transactionsToMessage,
} from "./convert-block.ts";
import {
  creationFromMessage,
  receiptQueryFromMessage,
  transferFromMessage,
  walletQueryFromMessage,
} from "./convert-command.ts";
import {
  creationToMessage,
  receiptAnswerToMessage,
  transferToMessage,
  walletAnswerToMessage,
} from "./convert-ledger.ts";
import {
  entriesQueryFromMessage,
  entriesToMessage,
  walletsQueryFromMessage,
  walletsToMessage,
} from "./convert-list.ts";
import { networkToMessage, peersToMessage, statusToMessage } from "./convert-node.ts";
import { orThrow } from "./errors.ts";
import type { CallContext, CreationCommand, LedgerApi, TransferCommand } from "./ledger-api.ts";

export function createLedgerService(api: LedgerApi): ServiceImpl<typeof LedgerService> {
  return {
    async walletCreation(request, context) {
      const command = orThrow(creationFromMessage(request));
      const caller = callerOfLedgerCall(context, "walletCreation", formOfCreation(command));
      return creationToMessage(orThrow(await api.createWallet(command, callOf(context, caller))));
    },
    async transaction(request, context) {
      const command = orThrow(transferFromMessage(request));
      const caller = callerOfLedgerCall(context, "transaction", formOfTransfer(command));
      return transferToMessage(orThrow(await api.transfer(command, callOf(context, caller))));
    },
    async getWallet(request, context) {
      const query = orThrow(walletQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "getWallet"));
      return walletAnswerToMessage(orThrow(await api.getWallet(query, call)));
    },
    async getReceipt(request, context) {
      const query = orThrow(receiptQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "getReceipt"));
      return receiptAnswerToMessage(orThrow(await api.getReceipt(query, call)));
    },
    async listEntries(request, context) {
      const query = orThrow(entriesQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "listEntries"));
      return entriesToMessage(orThrow(await api.listEntries(query, call)));
    },
    async listBlocks(request, context) {
      const query = orThrow(blocksQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "listBlocks"));
      return blocksToMessage(orThrow(await api.listBlocks(query, call)));
    },
    async getBlock(request, context) {
      const query = orThrow(blockQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "getBlock"));
      return blockToMessage(orThrow(await api.getBlock(query, call)));
    },
    async listTransactions(request, context) {
      const query = orThrow(transactionsQueryFromMessage(request));
      const call = callOf(context, callerOfLedgerCall(context, "listTransactions"));
      return transactionsToMessage(orThrow(await api.listTransactions(query, call)));
    },
    async listWallets(request, context) {
      const query = orThrow(walletsQueryFromMessage(request));
      const form = query.all ? "all" : "own";
      const call = callOf(context, callerOfLedgerCall(context, "listWallets", form));
      return walletsToMessage(orThrow(await api.listWallets(query, call)));
    },
    listPeers: (_, context) => {
      const call = callOf(context, callerOfLedgerCall(context, "listPeers"));
      return peersToMessage(api.listPeers(call));
    },
    getNetwork: (_, context) => {
      const call = callOf(context, callerOfLedgerCall(context, "getNetwork"));
      return networkToMessage(api.getNetwork(call));
    },
    getStatus: (_, context) => {
      const call = callOf(context, callerOfLedgerCall(context, "getStatus"));
      return statusToMessage(api.getStatus(call));
    },
  };
}

function callOf(context: HandlerContext, caller: Caller): CallContext {
  const { signal } = context;
  return { caller, countedAs: countedAsOf(context), signal, timeLeftMs: context.timeoutMs() };
}

/** The rows of src/access/call-scopes.ts. A wallet without a key of its own is custodial. */
function formOfCreation(command: CreationCommand) {
  if (command.kind === "signed") return "signed";
  if (command.initialBalance === undefined) return "custodial";
  return command.publicKey === undefined ? "issuedCustodial" : "issued";
}

function formOfTransfer({ kind }: TransferCommand) {
  return kind;
}
