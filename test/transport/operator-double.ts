/** An operator's node that answers the same each time, and remembers what it was asked. */
import { sha256 } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { OperatorApi, TokenInfo, WebhookInfo } from "../../src/transport/operator-api.ts";
import { networkId } from "./identities.ts";
import { createLedgerDouble } from "./ledger-double.ts";

const AT = 1_790_000_000_000;

const certificate = {
  configKey: "clientCertificate",
  file: "/etc/countersign/tls-certificate.pem",
  subject: "CN=node1",
  issuer: "CN=authority",
  names: ["DNS:localhost"],
  notAfter: AT,
  daysLeft: 12,
  sha256: sha256(utf8("certificate")),
};
const token: TokenInfo = {
  id: "0123456789ab",
  name: "payments",
  scopes: ["read", "submit"],
  createdAt: AT,
  expiresAt: AT + 1,
};
const webhook: WebhookInfo = {
  name: "shop",
  url: "https://shop.example.org/payments",
  isPrivate: true,
  createdAt: AT,
  height: 7,
  failingSince: AT + 1,
  pendingSince: AT + 2,
  problem: "the answer has the status 500",
  deadLetters: 3,
  delivered: 4,
  failed: 5,
};
const plan = { from: 120_000, until: 220_000, version: "0.1.0" };
const software = { protocol: { min: 1, max: 2 }, agreed: 2, rulesetMax: 2, version: "0.1.0" };
const summary = {
  id: sha256(utf8("evidence")),
  member: "node4",
  kind: "conflictingNotarize",
  proven: true,
  what: "view 9: two votes",
};

export function createOperatorDouble(): OperatorApi & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const ledger = createLedgerDouble();
  return {
    asked,
    getNodeStatus: async (call) => ({
      status: ledger.getStatus(call),
      logLevel: "info",
      draining: false,
      ordersUnderWay: 2,
      certificates: [certificate],
      process: {
        pid: 1,
        uptimeMs: 2,
        runtime: "v24.0.0",
        residentBytes: 3,
        heapUsedBytes: 4,
        heapLimitBytes: 5,
        configFile: "config.json",
        dataFolder: "data",
      },
      listeners: [{ configKey: "clientListen", address: "127.0.0.1:7001" }],
      evidenceRecords: 1,
      lastReload: { at: AT, problem: "" },
    }),
    setLogLevel(level, { caller }) {
      asked.push(["setLogLevel", level, caller.principal]);
      return "info";
    },
    reload({ caller }) {
      asked.push(["reload", caller.principal]);
      return { taken: ["logLevel"], atNextStart: ["peers"], certificates: [certificate] };
    },
    async drain(command, { caller }) {
      asked.push(["drain", command, caller.principal]);
      return { draining: !command.resume, ordersUnderWay: 2 };
    },
    listPeers: (call) =>
      ledger.listPeers(call).map((peer, place) => ({
        peer,
        holdsSealShare: true,
        blamed: false,
        clockAheadMs: place === 0 ? -3 : undefined,
        droppedItems: 4,
        calledMs: 4_200,
      })),
    async listEvidence(query, { caller }) {
      asked.push(["listEvidence", query, caller.principal]);
      return { records: [summary], total: 1 };
    },
    async createToken(made, { caller }) {
      asked.push(["createToken", made, caller.principal]);
      return { text: "cs_text", token: { ...token, ...made } };
    },
    listTokens: () => [token],
    async revokeToken(name, { caller }) {
      asked.push(["revokeToken", name, caller.principal]);
      return [{ ...token, revokedAt: AT + 2 }];
    },
    ...webhookCalls(asked),
    ...backupCalls(asked),
    ...upgradeCalls(asked),
    async getEvidence(id, { caller }) {
      asked.push(["getEvidence", id, caller.principal]);
      const block = { headers: [new Uint8Array([1])], finalization: new Uint8Array([2]) };
      return { record: new Uint8Array([3]), block, summary };
    },
  };
}

function webhookCalls(
  asked: unknown[],
): Pick<OperatorApi, "addWebhook" | "listWebhooks" | "removeWebhook" | "redeliverWebhook"> {
  return {
    async addWebhook(made, { caller }) {
      asked.push(["addWebhook", made, caller.principal]);
      return { secret: "whsec_text", webhook: { ...webhook, ...made } };
    },
    listWebhooks: () => [webhook],
    async removeWebhook(name, { caller }) {
      asked.push(["removeWebhook", name, caller.principal]);
      return webhook;
    },
    async redeliverWebhook(command, { caller }) {
      asked.push(["redeliverWebhook", command, caller.principal]);
      return { delivered: 1, left: 2, problem: "the answer has the status 500", webhook };
    },
  };
}

function backupCalls(
  asked: unknown[],
): Pick<OperatorApi, "beginBackup" | "readBackup" | "endBackup"> {
  return {
    beginBackup({ caller }) {
      asked.push(["beginBackup", caller.principal]);
      return { id: new Uint8Array([7]), nodeId: "node1", networkId };
    },
    async readBackup(place, { caller }) {
      asked.push(["readBackup", place, caller.principal]);
      return new Uint8Array([8, 9]);
    },
    endBackup(id, { caller }) {
      asked.push(["endBackup", id, caller.principal]);
      return undefined;
    },
  };
}

function upgradeCalls(asked: unknown[]): Pick<OperatorApi, "getUpgrade" | "approveRuleset"> {
  return {
    getUpgrade: () => ({
      height: height(7),
      ruleset: 1,
      rulesetMax: 2,
      members: [{ nodeId: "node1", software, approved: { ...plan, ruleset: 2 } }],
    }),
    async approveRuleset(made, { caller }) {
      asked.push(["approveRuleset", made, caller.principal]);
      return { plan: { ...plan, ...made }, missing: ["node4"] };
    },
  };
}
