/**
 * A request and an answer of every call, as JSON. Ids, times and amounts are like those of a running network; bytes
 * are invented, with the right length. The contract's own reader reads each example, so no name and no type in it is
 * wrong.
 */
import { type DescService, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { blockHash, type Example, made, networkId } from "./example-values.ts";
import { OPERATOR } from "./operator-examples.ts";
import { PEER } from "./peer-examples.ts";

const ALICE = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
const BOB = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";
const PAYMENT = "5b1c8e0a-9f3d-4c27-8a6e-1d2f3b4c5d6e";
const UNTIL = "1795694520000";

const aliceKey = made(32, "alice");
const groupKey = made(32, "group key");
const applied = { status: "RESULT_STATUS_APPLIED" };

const receipt = {
  leaf: made(180, "leaf"),
  index: 0,
  path: [made(32, "sibling")],
  headers: [],
  sealedHeader: {
    bytes: made(340, "header"),
    seal: made(64, "seal"),
    header: { version: 1, networkId, epoch: "1", height: "42", view: "57", operationCount: 2 },
  },
  keyCertificate: {
    bytes: made(140, "certificate"),
    epoch: "1",
    groupPublicKey: groupKey,
    threshold: 3,
    signatures: [
      { signer: 0, signature: made(64, "signer 0") },
      { signer: 1, signature: made(64, "signer 1") },
      { signer: 3, signature: made(64, "signer 3") },
    ],
  },
  sealPending: false,
};

const alice = {
  id: ALICE,
  asset: "EUR",
  balance: "1000",
  publicKey: aliceKey,
  entries: "1",
  statementHead: made(32, "statement"),
};

const transaction = {
  from: ALICE,
  to: BOB,
  asset: "EUR",
  amount: "25",
  id: PAYMENT,
  reference: "lunch",
  validUntil: UNTIL,
};

const cancellation = { from: ALICE, id: PAYMENT, validUntil: UNTIL };

const orderedTransaction = {
  height: "42",
  index: 0,
  time: "1795694400123",
  transaction,
  result: applied,
  receipt: { from: ALICE, id: PAYMENT },
};

const entry = {
  number: "2",
  kind: "ENTRY_KIND_RECEIVED",
  amount: "25",
  asset: "EUR",
  balance: "25",
  counterparty: ALICE,
  reference: "lunch",
  id: PAYMENT,
  height: "42",
  index: 0,
  time: "1795694400123",
  receipt: { from: ALICE, id: PAYMENT },
};

const block = {
  hash: blockHash,
  header: {
    version: 1,
    networkId,
    epoch: "1",
    height: "42",
    view: "57",
    parentHash: made(32, "parent"),
    operationCount: 1,
    operationsRoot: made(32, "operations"),
    resultsRoot: made(32, "results"),
    walletCount: "2",
    stateRoot: made(32, "state"),
    supply: ["1000"],
    time: "1795694400123",
    proposer: 1,
  },
  finalizationHeight: "42",
  sealHeight: "43",
};

const pageState = {
  height: "57",
  blockTime: "1795694407300",
  lagging: false,
  completeFrom: "1",
};

const LEDGER: Readonly<Record<string, Example>> = {
  "LedgerService.WalletCreation": {
    request: { initialBalance: "1000" },
    response: {
      wallet: { ...alice, custodian: "node1" },
      creation: {
        walletId: ALICE,
        creationId: "c0a8e5d2-1b3f-4e6a-9c7d-8f0b2a4e6d1c",
        asset: "EUR",
        publicKey: aliceKey,
        initialBalance: "1000",
        issuer: made(32, "issuer"),
        validUntil: UNTIL,
      },
      result: applied,
      receipt: { index: 0, sealPending: false },
    },
  },
  "LedgerService.Transaction": {
    request: { transaction, signature: made(64, "payer"), wait: "WAIT_SEALED" },
    response: { transaction, result: applied, receipt: { index: 0, sealPending: false } },
  },
  "LedgerService.SubmitTransactions": {
    request: { transfers: [{ number: 1, operation: made(249, "signed transfer") }] },
    response: {
      results: [{ number: 1, leaf: receipt.leaf, path: receipt.path, result: applied }],
      proof: { sealedHeader: receipt.sealedHeader, keyCertificate: receipt.keyCertificate },
    },
  },
  "LedgerService.CancelTransaction": {
    request: { cancellation, signature: made(64, "payer cancels"), wait: "WAIT_SEALED" },
    response: { cancellation, result: applied, receipt: { index: 0, sealPending: false } },
  },
  "LedgerService.GetWallet": {
    request: { id: ALICE, minHeight: "42", prove: true },
    response: {
      ...{ wallet: alice, height: "42", blockTime: "1795694400123", lagging: false },
      proof: made(1362, "proof"),
    },
  },
  "LedgerService.GetReceipt": {
    request: { from: ALICE, id: PAYMENT },
    response: { transaction, result: applied, receipt },
  },
  "LedgerService.ListEntries": {
    request: { walletId: BOB, pageSize: 1, referencePrefix: "lunch" },
    response: {
      entries: [entry],
      nextCursor: "AAAAAAAAACoAAAAAe9oWm8fQ5zZcQ2kd",
      height: "42",
      blockTime: "1795694400123",
      lagging: false,
      completeFrom: "1",
    },
  },
  "LedgerService.ListBlocks": {
    request: { pageSize: 1, fromHeight: "42", order: "LIST_ORDER_OLDEST_FIRST" },
    response: { blocks: [block], nextCursor: "AAAAAAAAACoJ3aYp1oUMZyWkZ0s", ...pageState },
  },
  "LedgerService.GetBlock": {
    request: { height: "42" },
    response: {
      block,
      headerBytes: made(340, "header"),
      finalization: made(420, "finalization"),
      transactions: [orderedTransaction],
      nextCursor: "",
      height: "57",
      blockTime: "1795694407300",
      lagging: false,
    },
  },
  "LedgerService.ListTransactions": {
    request: { pageSize: 1, fromTime: "1795694400000" },
    response: {
      transactions: [orderedTransaction],
      nextCursor: "AAAAAAAAACoAAAAAWk1sQ0b2w8hqv0e4",
      ...pageState,
    },
  },
  "LedgerService.Subscribe": {
    request: { walletId: BOB, cursor: "AAAAAAAAACkAAf__ybQ2e0hFzVQm0aPk" },
    response: {
      events: [{ cursor: "AAAAAAAAACoAAAAAd3xqvS1oWm8fQ5zZ", entry }],
      cursor: "AAAAAAAAACoAAf__Zt0mvR9yBw3dK1cn",
      height: "42",
      blockTime: "1795694400123",
      lagging: false,
    },
  },
  "LedgerService.ListWallets": {
    request: { all: true, pageSize: 1 },
    response: {
      wallets: [alice],
      nextCursor: "D44cUjp3ix6dLFwfDkt6kEC5wTq2nLm7eXoJtQ",
      ...pageState,
    },
  },
  "LedgerService.ListPeers": {
    request: {},
    response: {
      peers: [
        {
          nodeId: "node2",
          address: "127.0.0.1:7102",
          publicKey: made(32, "node2"),
          clientAddress: "127.0.0.1:7002",
          connected: true,
          lastHeight: "42",
          view: "45",
          votedHeight: "43",
          sealPresent: true,
          registrationNumber: "3",
          silentMs: "140",
          software: {
            protocolMin: 1,
            protocolMax: 2,
            protocol: 2,
            rulesetMax: 2,
            version: "0.1.0",
          },
        },
      ],
    },
  },
  "LedgerService.GetNetwork": {
    request: {},
    response: {
      networkId,
      groupPublicKey: groupKey,
      keyCertificate: receipt.keyCertificate,
      threshold: 3,
      validators: 4,
      faultsTolerated: 1,
      epoch: "1",
      assets: [{ code: "EUR", scale: 2 }],
      issuers: [made(32, "issuer")],
      graceMs: "5000",
      lifetimeMsMax: "3600000",
      clockSkewMs: "10000",
      ceremony: {
        status: "CEREMONY_STATUS_COMPLETE",
        attempt: 2,
        members: ["node1", "node2", "node3"],
        excluded: ["node4"],
      },
      sealFaultsTolerated: 0,
    },
  },
  "LedgerService.GetStatus": {
    request: {},
    response: {
      nodeId: "node1",
      version: "0.1.0",
      networkId,
      height: "42",
      view: "57",
      epoch: "1",
      blockHash,
      sealedHeight: "42",
      ready: true,
      notReadyBecause: "",
      lagging: false,
      validators: 4,
      quorum: 3,
      faultsTolerated: 1,
      connectedPeers: 3,
      pendingOperations: 0,
      memoryPercent: 7,
      ruleset: 2,
      rulesetMax: 2,
      protocolMin: 1,
      protocolMax: 2,
      keyFinal: true,
      firstView: "1",
      sealShare: "SEAL_SHARE_HELD",
      sealHolders: 3,
      sealHoldersPresent: 3,
      sealMargin: 0,
      reducedBecause: [
        "node4 holds no share of the group key, and never will: the key was made without it",
      ],
      clockAheadMs: "-3",
      answerMsMedian: 38,
      answerMsP95: 61,
    },
  },
};

const EXAMPLES: ReadonlyMap<string, Example> = new Map(
  Object.entries({ ...LEDGER, ...OPERATOR, ...PEER }),
);
const SERVICES: readonly DescService[] = [LedgerService, OperatorService, PeerService];

/** The example of a call, in Markdown. Throws if there is none, or if it does not fit the contract. */
export function exampleOf(service: string, method: string): string {
  const described = SERVICES.find(({ name }) => name === service)?.methods.find(
    ({ name }) => name === method,
  );
  const example = EXAMPLES.get(`${service}.${method}`);
  if (described === undefined || example === undefined) {
    throw new Error(`scripts/generate/api-examples.ts has no example of ${service}.${method}`);
  }
  fromJson(described.input, example.request);
  fromJson(described.output, example.response);
  const block = (value: JsonValue) => `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;
  return `Request, and answer:\n\n${block(example.request)}\n\n${block(example.response)}`;
}
