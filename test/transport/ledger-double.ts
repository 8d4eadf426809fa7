/** A ledger that gives the answers that a test sets, and records the questions. */
import { sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { parseUuid, type Uuid } from "../../src/primitives/ids.ts";
import type { KeyCertificate } from "../../src/primitives/key-certificate.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import type { Validator } from "../../src/primitives/validators.ts";
import type { CallContext, LedgerApi } from "../../src/transport/ledger-api.ts";
import type { BlockInfo, TransactionInfo } from "../../src/transport/ledger-lists.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { validatorOf } from "../support/validator.ts";
import { identityOf, networkId } from "./identities.ts";

export function uuid(text: string): Uuid {
  const id = parseUuid(text);
  if (id === undefined) throw new Error(`${text} is no uuid`);
  return id;
}

export const walletA = uuid("00000000-0000-8000-8000-00000000000a");
export const walletB = uuid("00000000-0000-8000-8000-00000000000b");
export const transferId = uuid("00000000-0000-4000-8000-000000000001");
const digest = sha256(utf8("digest"));
const groupKey = signingKeyOf(sha256(utf8("group")));

export const validators: readonly Validator[] = [0, 1, 2, 3].map((number) =>
  validatorOf(number, {
    identityKey: identityOf(number).publicKey,
    custodyKey: identityOf(10 + number).publicKey,
  }),
);

export const header: Header = {
  version: 1,
  networkId,
  epoch: epoch(1),
  height: height(7),
  view: view(9),
  parentHash: digest,
  operationCount: 3,
  operationsRoot: digest,
  resultsRoot: digest,
  walletCount: 2,
  stateRoot: digest,
  supply: [amount(1000n), amount(0n)],
  time: 1_790_000_000_000,
  proposer: validatorIndex(2),
};

export const keyCertificate: KeyCertificate = {
  networkId,
  epoch: epoch(1),
  groupKey: groupKey.publicKey,
  threshold: 3,
  transcriptHash: digest,
  signatures: [0, 1, 3].map((signer) => ({
    signer: validatorIndex(signer),
    signature: identityOf(signer).sign(utf8("certificate")),
  })),
};

export const sealedReceipt: Receipt = {
  leaf: utf8("leaf"),
  index: 2,
  path: [digest, digest],
  proof: {
    kind: "sealed",
    headers: [encodeHeader({ ...header, height: height(6) })],
    sealedHeader: { bytes: encodeHeader(header), seal: groupKey.sign(encodeHeader(header)) },
    keyCertificate,
  },
};

export const finalReceipt: Receipt = {
  leaf: utf8("leaf"),
  index: 0,
  path: [],
  proof: {
    kind: "finalized",
    headers: [encodeHeader(header)],
    finalization: {
      subject: {
        kind: "finalize",
        epoch: epoch(1),
        view: view(9),
        height: height(7),
        blockHash: digest,
      },
      signatures: [{ signer: validatorIndex(1), signature: identityOf(1).sign(digest) }],
    },
  },
};

export const transfer: Transfer = {
  kind: "transfer",
  author: identityOf(20).publicKey,
  id: transferId,
  validUntil: 1_790_000_060_000,
  from: walletA,
  to: walletB,
  asset: "EUR",
  amount: amount(25n),
};

export const creation: WalletCreation = {
  kind: "walletCreation",
  author: identityOf(21).publicKey,
  id: transferId,
  validUntil: 1_790_000_060_000,
  publicKey: identityOf(20).publicKey,
  asset: "EUR",
  initialBalance: amount(1000n),
};

const wallet = {
  id: walletA,
  asset: "EUR",
  balance: amount(1000n),
  publicKey: identityOf(20).publicKey,
  entries: 1,
  statementHead: digest,
  custodian: "node1",
};

const page = {
  height: height(7),
  blockTime: header.time,
  lagging: false,
  completeFrom: height(1),
};

const block: BlockInfo = {
  hash: sha256(encodeHeader(header)),
  header,
  finalizationHeight: height(8),
  sealHeight: height(64),
};

const place = { height: height(7), time: header.time };

/** A payment, and a creation that was declined. */
const transactions: readonly TransactionInfo[] = [
  {
    ...place,
    index: 0,
    operation: { kind: "transfer", transfer },
    result: { status: "applied" },
    receipt: { kind: "transfer", from: walletA, id: transferId },
  },
  {
    ...place,
    index: 2,
    operation: { kind: "creation", walletId: walletA, creation },
    result: { status: "declined", reason: "walletExists" },
  },
];

/** The node's answers about itself, its peers and its network. */
const nodeDouble: Pick<LedgerApi, "listPeers" | "getNetwork" | "getStatus" | "throughput"> = {
  throughput: () => ({
    operations: Array.from({ length: 60 }, (_, second) => second % 7),
    blockMsMedian: 120,
  }),
  listPeers: () =>
    validators.slice(1).map((validator) => ({
      nodeId: validator.id,
      address: validator.peerAddress,
      publicKey: validator.identityKey,
      clientAddress: validator.clientAddress,
      connected: validator.index !== 3,
      lastHeight: 7,
      votedHeight: 8,
      view: 9,
      sealPresent: validator.index !== 3,
      registrationNumber: 1,
      silentMs: validator.index === 3 ? undefined : 140,
      bodiesFrom: validator.index === 3 ? undefined : 1,
      software:
        validator.index === 3
          ? undefined
          : { protocol: { min: 1, max: 2 }, agreed: 2, rulesetMax: 2, version: "0.1.0" },
    })),
  getNetwork: () => ({
    networkId,
    epoch: epoch(1),
    assets: [{ code: "EUR", scale: 2 }],
    issuers: [identityOf(21).publicKey],
    validators,
    graceMs: 5_000,
    lifetimeMsMax: 3_600_000,
    clockSkewMs: 1_000,
    ceremony: {
      status: "running",
      attempt: 1,
      members: ["node1", "node2"],
      missing: ["node2"],
      excluded: ["node4"],
      deadline: header.time,
    },
    sealHolders: [0, 1, 2].map(validatorIndex),
  }),
  getStatus: () => ({
    nodeId: "node1",
    version: "0.1.0",
    networkId,
    height: height(7),
    view: view(9),
    epoch: epoch(1),
    blockHash: digest,
    blockTime: header.time,
    stateRoot: digest,
    sealedHeight: 6,
    lagging: false,
    validatorCount: 4,
    connectedPeers: 3,
    pendingOperations: 0,
    memoryPercent: 7,
    ruleset: 1,
    rulesetMax: 2,
    protocol: { min: 1, max: 2 },
    keyFinal: true,
    startedAt: header.time,
    timedOutViews: 3,
    historyFrom: 1,
    bodiesFrom: 1,
    firstView: view(1),
    sealShare: "held",
    sealHolders: 4,
    sealHoldersPresent: 4,
    sealMargin: 1,
    reducedBecause: [],
    answers: { medianMs: 38.4, p95Ms: 61 },
  }),
};

const event = {
  kind: "transaction",
  cursor: "after 7.0",
  transaction: transactions[0] ?? failed(),
} as const;

function failed(): never {
  throw new Error("the double has a transaction");
}

export interface LedgerDouble extends LedgerApi {
  /** The questions, in order. */
  readonly asked: { readonly what: string; readonly query: unknown; readonly call: CallContext }[];
  /** Replaces the answer of every call that may be refused. */
  answer: undefined | (() => Promise<Refusal>);
  /** Undefined: the node is ready. */
  notReadyBecause: string | undefined;
  /** Empty: the network tolerates as many failures as it promises. */
  reducedBecause: readonly string[];
}

/** The lists; `refusal` replaces their answers. */
function listsOf(
  asked: LedgerDouble["asked"],
  refusal: () => Promise<Refusal> | undefined,
): Pick<LedgerApi, "listEntries" | "listBlocks" | "getBlock" | "listTransactions" | "listWallets"> {
  return {
    async listEntries(query, call) {
      asked.push({ what: "listEntries", query, call });
      const refused = await refusal();
      if (refused !== undefined) return refused;
      return {
        entries: [
          {
            kind: "received",
            number: 2,
            time: header.time,
            amount: amount(25n),
            balance: amount(1025n),
            id: transferId,
            counterparty: walletB,
            reference: "lunch",
            asset: "EUR",
            height: height(7),
            index: 1,
            receipt: { kind: "transfer", from: walletB, id: transferId },
          },
        ],
        nextCursor: "cursor",
        ...page,
      };
    },
    async listBlocks(query, call) {
      asked.push({ what: "listBlocks", query, call });
      const refused = await refusal();
      if (refused !== undefined) return refused;
      return { blocks: [block], nextCursor: "cursor", ...page };
    },
    async getBlock(query, call) {
      asked.push({ what: "getBlock", query, call });
      const refused = await refusal();
      if (refused !== undefined) return refused;
      const { completeFrom: _, ...state } = page;
      const headerBytes = encodeHeader(header);
      const seal = groupKey.sign(headerBytes);
      return { block, headerBytes, finalization: utf8("votes"), seal, transactions, ...state };
    },
    async listTransactions(query, call) {
      asked.push({ what: "listTransactions", query, call });
      const refused = await refusal();
      if (refused !== undefined) return refused;
      return { transactions, nextCursor: "cursor", ...page };
    },
    async listWallets(query, call) {
      asked.push({ what: "listWallets", query, call });
      const refused = await refusal();
      if (refused !== undefined) return refused;
      return { wallets: [wallet], nextCursor: "cursor", ...page };
    },
  };
}

export function createLedgerDouble(): LedgerDouble {
  const asked: LedgerDouble["asked"] = [];
  const double: LedgerDouble = {
    asked,
    answer: undefined,
    notReadyBecause: undefined,
    reducedBecause: [],
    async createWallet(query, call) {
      asked.push({ what: "createWallet", query, call });
      if (double.answer !== undefined) return await double.answer();
      const result = { status: "applied" } as const;
      return { wallet, walletId: walletA, creation, result, receipt: sealedReceipt };
    },
    async transfer(query, call) {
      asked.push({ what: "transfer", query, call });
      if (double.answer !== undefined) return await double.answer();
      return { transfer, result: { status: "applied" }, receipt: sealedReceipt };
    },
    async submitTransfer(query, call) {
      asked.push({ what: "submitTransfer", query, call });
      if (double.answer !== undefined) return await double.answer();
      return { transfer, result: { status: "applied" }, receipt: sealedReceipt };
    },
    async cancel(query, call) {
      asked.push({ what: "cancel", query, call });
      if (double.answer !== undefined) return await double.answer();
      const operation = { kind: "transfer", transfer } as const;
      return { operation, result: { status: "applied" }, receipt: sealedReceipt };
    },
    async getWallet(query, call) {
      asked.push({ what: "getWallet", query, call });
      if (double.answer !== undefined) return await double.answer();
      if (query.id !== walletA) return new Refusal("UNKNOWN_WALLET", { message: "no such wallet" });
      return { wallet, height: height(7), blockTime: header.time, lagging: false };
    },
    async getReceipt(query, call) {
      asked.push({ what: "getReceipt", query, call });
      if (double.answer !== undefined) return await double.answer();
      const operation =
        query.kind === "transfer"
          ? ({ kind: "transfer", transfer } as const)
          : ({ kind: "creation", walletId: walletA, creation } as const);
      const result = { status: "declined", reason: "insufficientFunds" } as const;
      return { operation, result, receipt: finalReceipt };
    },
    async *subscribe(query, call) {
      asked.push({ what: "subscribe", query, call });
      const refused = await double.answer?.();
      if (refused !== undefined) return void (yield refused);
      const { completeFrom: _, ...state } = page;
      yield { events: [], cursor: query.cursor ?? "start", ...state };
      yield { events: [event], cursor: "after 7", ...state };
      await whenAborted(call.signal);
    },
    ...listsOf(asked, () => double.answer?.()),
    ...nodeDouble,
    getStatus: (call) => {
      const { notReadyBecause, reducedBecause } = double;
      const status = { ...nodeDouble.getStatus(call), reducedBecause };
      return { ...status, ...(notReadyBecause && { notReadyBecause }) };
    },
  };
  return double;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
