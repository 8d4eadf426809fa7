/** Requests and answers of the operator's calls. */
import { type Example, made, networkId } from "./example-values.ts";

const WALLET = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";

const certificate = {
  configKey: "clientCertificate",
  file: "/etc/countersign/tls-certificate.pem",
  subject: "CN=node1.example.org",
  issuer: "CN=Example authority",
  names: ["DNS:node1.example.org", "IP Address:192.0.2.7"],
  notAfter: "1798286400000",
  daysLeft: 30,
  sha256: made(32, "certificate of node1"),
};

const token = {
  id: "3f1c9a4be072",
  name: "payments",
  scopes: ["read", "submit"],
  createdAt: "1795694400000",
  expiresAt: "1803470400000",
};
const webhook = {
  name: "shop",
  url: "https://shop.example.org/payments",
  walletId: WALLET,
  createdAt: "1795694400000",
  height: "42",
  deadLetters: 0,
  delivered: "7",
  failed: "1",
};
const backup = made(16, "backup");
const plan = { ruleset: 2, fromHeight: "120000", untilHeight: "220000", version: "0.1.0" };
const software = {
  protocolMin: 1,
  protocolMax: 2,
  protocol: 2,
  rulesetMax: 2,
  version: "0.1.0",
};
const evidence = {
  id: made(32, "evidence"),
  member: "node4",
  kind: "conflictingNotarize",
  proven: true,
  what: "view 57: notarize of 0b1c… at height 42 and notarize of 77de… at height 42",
};

export const OPERATOR: Readonly<Record<string, Example>> = {
  "OperatorService.GetNodeStatus": {
    request: {},
    response: {
      status: { nodeId: "node1", version: "0.1.0", height: "42", ready: true },
      logLevel: "LOG_LEVEL_INFO",
      draining: false,
      ordersUnderWay: 2,
      certificates: [certificate],
      process: { pid: 4711, uptimeMs: "86400000", runtime: "v24.4.0", residentBytes: "188743680" },
      listeners: [{ configKey: "clientListen", address: "127.0.0.1:7001" }],
      evidenceRecords: 1,
      lastReload: { at: "1795694400123", problem: "" },
    },
  },
  "OperatorService.SetLogLevel": {
    request: { level: "LOG_LEVEL_DEBUG" },
    response: { previous: "LOG_LEVEL_INFO" },
  },
  "OperatorService.Reload": {
    request: {},
    response: { taken: ["clientCertificate"], atNextStart: [], certificates: [certificate] },
  },
  "OperatorService.Drain": {
    request: { resume: false, waitMs: "30000" },
    response: { draining: true, ordersUnderWay: 0 },
  },
  "OperatorService.ListPeers": {
    request: {},
    response: {
      peers: [
        {
          peer: { nodeId: "node2", address: "127.0.0.1:7102", connected: true },
          holdsSealShare: true,
          blamed: false,
          clockAheadMs: "-3",
          droppedItems: "0",
          calledMs: "4200",
        },
      ],
    },
  },
  "OperatorService.ListEvidence": {
    request: { skip: 0, count: 100 },
    response: { records: [evidence], total: 1 },
  },
  "OperatorService.GetEvidence": {
    request: { id: evidence.id },
    response: { record: made(300, "record"), summary: evidence },
  },
  "OperatorService.CreateToken": {
    request: { name: token.name, scopes: token.scopes, expiresAt: token.expiresAt },
    // No real one, which a search for leaked tokens would find.
    response: { text: "cs_...", token },
  },
  "OperatorService.ListTokens": { request: {}, response: { tokens: [token] } },
  "OperatorService.RevokeToken": { request: { token: token.name }, response: { tokens: [token] } },
  "OperatorService.AddWebhook": {
    request: { name: webhook.name, url: webhook.url, walletId: webhook.walletId },
    response: { secret: "whsec_...", webhook },
  },
  "OperatorService.ListWebhooks": { request: {}, response: { webhooks: [webhook] } },
  "OperatorService.RemoveWebhook": { request: { name: webhook.name }, response: { webhook } },
  "OperatorService.RedeliverWebhook": {
    request: { name: webhook.name },
    response: { delivered: 2, left: 0, webhook },
  },
  "OperatorService.BeginBackup": {
    request: {},
    response: { id: backup, nodeId: "node1", networkId },
  },
  "OperatorService.ReadBackup": {
    request: { id: backup, offset: "524288" },
    response: { records: made(48, "records") },
  },
  "OperatorService.EndBackup": { request: { id: backup }, response: {} },
  "OperatorService.GetUpgrade": {
    request: {},
    response: {
      height: "118200",
      ruleset: 1,
      rulesetMax: 2,
      members: [{ nodeId: "node1", software, approved: plan }],
    },
  },
  "OperatorService.ApproveRuleset": {
    request: { ruleset: 2, fromHeight: "120000", untilHeight: "220000" },
    response: { plan, missing: ["node4"] },
  },
};
