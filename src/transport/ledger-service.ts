/** LedgerService over the node's own interface: convert, ask, convert back. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  creationFromMessage,
  creationToMessage,
  receiptAnswerToMessage,
  receiptQueryFromMessage,
  transferFromMessage,
  transferToMessage,
  walletAnswerToMessage,
  walletQueryFromMessage,
} from "./convert-ledger.ts";
import { networkToMessage, peersToMessage, statusToMessage } from "./convert-node.ts";
import { orThrow } from "./errors.ts";
import type { Call, LedgerApi } from "./ledger-api.ts";

export function createLedgerService(api: LedgerApi): ServiceImpl<typeof LedgerService> {
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
    listPeers: () => peersToMessage(api.listPeers()),
    getNetwork: () => networkToMessage(api.getNetwork()),
    getStatus: () => statusToMessage(api.getStatus()),
  };
}

function callOf(context: HandlerContext): Call {
  return { signal: context.signal, timeLeftMs: context.timeoutMs() };
}
