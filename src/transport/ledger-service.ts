/** LedgerService over `LedgerApi`: converts requests to commands and queries, and answers to messages. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { countedAsOf } from "./caller.ts";
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
import { networkToMessage, peersToMessage, statusToMessage } from "./convert-node.ts";
import { orThrow } from "./errors.ts";
import type { CallContext, LedgerApi, Principal } from "./ledger-api.ts";

/** `principal`: the caller as the listener identified it. */
export function createLedgerService(
  api: LedgerApi,
  principal: Principal,
): ServiceImpl<typeof LedgerService> {
  const callOf = (context: HandlerContext): CallContext => {
    const { signal } = context;
    return { principal, countedAs: countedAsOf(context), signal, timeLeftMs: context.timeoutMs() };
  };
  return {
    async walletCreation(request, context) {
      const command = orThrow(creationFromMessage(request));
      return creationToMessage(orThrow(await api.createWallet(command, callOf(context))));
    },
    async transaction(request, context) {
      const command = orThrow(transferFromMessage(request));
      return transferToMessage(orThrow(await api.transfer(command, callOf(context))));
    },
    async getWallet(request, context) {
      const query = orThrow(walletQueryFromMessage(request));
      return walletAnswerToMessage(orThrow(await api.getWallet(query, callOf(context))));
    },
    async getReceipt(request, context) {
      const query = orThrow(receiptQueryFromMessage(request));
      return receiptAnswerToMessage(orThrow(await api.getReceipt(query, callOf(context))));
    },
    listPeers: (_, context) => peersToMessage(api.listPeers(callOf(context))),
    getNetwork: (_, context) => networkToMessage(api.getNetwork(callOf(context))),
    getStatus: (_, context) => statusToMessage(api.getStatus(callOf(context))),
  };
}
