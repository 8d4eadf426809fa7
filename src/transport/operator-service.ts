/** OperatorService over `OperatorApi`: converts requests to commands and queries, and answers to messages. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { admittedCaller } from "./call-gate.ts";
import {
  backupPlaceFromMessage,
  backupToMessage,
  drainFromMessage,
  drainToMessage,
  evidenceIdFromMessage,
  evidencePageToMessage,
  evidenceQueryFromMessage,
  evidenceToMessage,
  LEVELS,
  levelFromMessage,
  nodeStatusToMessage,
  peerDetailsToMessage,
  reloadToMessage,
} from "./convert-operator.ts";
import { madeTokenToMessage, newTokenFromMessage, tokenToMessage } from "./convert-token.ts";
import { approvalFromMessage, approvedToMessage, upgradeToMessage } from "./convert-upgrade.ts";
import {
  madeWebhookToMessage,
  newWebhookFromMessage,
  redeliveredToMessage,
  redeliverFromMessage,
  webhookToMessage,
} from "./convert-webhook.ts";
import { orThrow } from "./errors.ts";
import type { CallContext } from "./ledger-api.ts";
import type { OperatorApi } from "./operator-api.ts";

export function createOperatorService(api: OperatorApi): ServiceImpl<typeof OperatorService> {
  const callOf = (context: HandlerContext): CallContext => {
    const { signal } = context;
    const caller = admittedCaller(context);
    return { caller, countedAs: caller.principal, signal, timeLeftMs: context.timeoutMs() };
  };
  return {
    getNodeStatus: async (_, context) =>
      nodeStatusToMessage(await api.getNodeStatus(callOf(context))),
    setLogLevel({ level }, context) {
      const previous = api.setLogLevel(orThrow(levelFromMessage(level)), callOf(context));
      return { previous: LEVELS[previous] };
    },
    reload: (_, context) => reloadToMessage(orThrow(api.reload(callOf(context)))),
    async drain(request, context) {
      const command = orThrow(drainFromMessage(request));
      return drainToMessage(await api.drain(command, callOf(context)));
    },
    listPeers: (_, context) => peerDetailsToMessage(api.listPeers(callOf(context))),
    async listEvidence(request, context) {
      const query = orThrow(evidenceQueryFromMessage(request));
      return evidencePageToMessage(await api.listEvidence(query, callOf(context)));
    },
    async createToken(request, context) {
      const asked = orThrow(newTokenFromMessage(request));
      return madeTokenToMessage(orThrow(await api.createToken(asked, callOf(context))));
    },
    listTokens: (_, context) => ({ tokens: api.listTokens(callOf(context)).map(tokenToMessage) }),
    async revokeToken({ token }, context) {
      const revoked = orThrow(await api.revokeToken(token, callOf(context)));
      return { tokens: revoked.map(tokenToMessage) };
    },
    async addWebhook(request, context) {
      const asked = orThrow(newWebhookFromMessage(request));
      return madeWebhookToMessage(orThrow(await api.addWebhook(asked, callOf(context))));
    },
    listWebhooks: (_, context) => ({
      webhooks: api.listWebhooks(callOf(context)).map(webhookToMessage),
    }),
    async removeWebhook({ name }, context) {
      const removed = orThrow(await api.removeWebhook(name, callOf(context)));
      return { webhook: webhookToMessage(removed) };
    },
    getUpgrade: (_, context) => upgradeToMessage(api.getUpgrade(callOf(context))),
    async approveRuleset(request, context) {
      const asked = orThrow(approvalFromMessage(request));
      return approvedToMessage(orThrow(await api.approveRuleset(asked, callOf(context))));
    },
    async redeliverWebhook(request, context) {
      const command = orThrow(redeliverFromMessage(request));
      return redeliveredToMessage(orThrow(await api.redeliverWebhook(command, callOf(context))));
    },
    beginBackup: (_, context) => backupToMessage(orThrow(api.beginBackup(callOf(context)))),
    async readBackup(request, context) {
      const place = orThrow(backupPlaceFromMessage(request));
      return { records: orThrow(await api.readBackup(place, callOf(context))) };
    },
    endBackup({ id }, context) {
      orThrow(api.endBackup(id, callOf(context)));
      return {};
    },
    async getEvidence(request, context) {
      const id = orThrow(evidenceIdFromMessage(request));
      return evidenceToMessage(orThrow(await api.getEvidence(id, callOf(context))));
    },
  };
}
