/** The calls of clients: writes go to the gateway, reads to the committed state and the stored chain. */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Store } from "../../storage/contracts.ts";
import type { CallContext, LedgerApi } from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Draining } from "../base/draining.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { RecentStates } from "../execution/recent-states.ts";
import type { Intake } from "../intake/intake.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import type { AnswerTimes } from "./answer-times.ts";
import { BlockList } from "./block-list.ts";
import { withCallDeadline } from "./call-deadline.ts";
import { CommitLag } from "./commit-lag.ts";
import { Custody, type CustodyParts } from "./custody.ts";
import { EventFeed } from "./event-feed.ts";
import { EventStreams } from "./event-stream.ts";
import type { Followers } from "./followers.ts";
import { Gateway, type Orderer } from "./gateway.ts";
import { ListCursors } from "./list-cursor.ts";
import { ListReads } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import { Ownership, type OwnershipParts } from "./ownership.ts";
import { Reads } from "./reads.ts";
import type { Receipts } from "./receipts.ts";
import { SealWait, type SealWaitParts } from "./seal-wait.ts";
import { Signing } from "./signing.ts";
import { SingleBlock } from "./single-block.ts";
import { Statements } from "./statements.ts";
import type { Throughput } from "./throughput.ts";
import { TransactionList } from "./transaction-list.ts";
import type { Waiters } from "./waiters.ts";
import { WalletPages } from "./wallet-pages.ts";
import { WalletProofs } from "./wallet-proofs.ts";

export interface LedgerApiParts {
  readonly context: LedgerContext;
  readonly self: CustodyParts["self"];
  readonly custodyKey: CustodyParts["custodyKey"];
  readonly audit: CustodyParts["audit"];
  readonly store: Pick<
    Store,
    "blocks" | "operations" | "statements" | "state" | "seals" | "custody" | "walletOwners"
  >;
  readonly unownedWallets: OwnershipParts["unownedWallets"];
  readonly intake: Intake;
  readonly waiters: Waiters;
  readonly followers: Followers;
  readonly receipts: Receipts;
  readonly states: RecentStates;
  readonly view: NodeView;
  readonly sealing: SealWaitParts["sealing"];
  readonly clock: Pick<OwnClock, "errorMs">;
  readonly draining: Draining;
  readonly system: System;
  readonly traces?: TraceObserver | undefined;
  readonly answers: Pick<AnswerTimes, "measure">;
  readonly throughput: Pick<Throughput, "figures">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly consensus: { readonly core: Pick<Core, "status"> };
}

export interface ClientCalls {
  readonly ledger: LedgerApi;
  /** The events of the ledger for the node's own sinks. */
  readonly feed: EventFeed;
}

export function createClientCalls(parts: LedgerApiParts): ClientCalls {
  const { context, self, custodyKey, audit, store, receipts, waiters, view, finalizer, system } =
    parts;
  const { followers } = parts;
  const journal = store.custody;
  const custody = new Custody({ context, self, custodyKey, journal, audit, finalizer });
  const seals = new SealWait({ context, finalizer, sealing: parts.sealing, waiters, system });
  const { unownedWallets } = parts;
  const ownership = new Ownership({ context, store, custody, receipts, unownedWallets });
  const gateway = createGateway(parts, { custody, ownership, seals });
  // All lists and proofs share the rates of their callers.
  const reading = { cursors: new ListCursors(context), reads: new ListReads(system.monotonic) };
  const reads = createReads(parts, { custody, ownership, seals, listReads: reading.reads });
  const lists = {
    context,
    custody,
    ownership,
    view,
    store,
    receipts,
    finalizer,
    followers,
    system,
    ...reading,
  };
  const statements = new Statements(lists);
  const blockList = new BlockList(lists);
  const singleBlock = new SingleBlock(lists);
  const transactionList = new TransactionList(lists);
  const walletPages = new WalletPages(lists);
  const eventStreams = new EventStreams(lists);
  const feed = new EventFeed(lists);
  const order = ordering(parts);
  const ledger: LedgerApi = {
    createWallet: (command, call) =>
      order(call, (orderer, signal) => gateway.createWallet(command, orderer, signal)),
    transfer: (command, call) =>
      order(call, (orderer, signal) => gateway.transfer(command, orderer, signal)),
    submitTransfer: (command, call) =>
      order(call, (orderer, signal) => gateway.submitTransfer(command, orderer, signal)),
    cancel: (command, call) =>
      order(call, (orderer, signal) => gateway.cancel(command, orderer, signal)),
    getWallet: (query, call) => reads.wallet(query, call),
    getReceipt: (query, call) => reads.receipt(query, call.caller),
    listEntries: (query, call) => statements.entries(query, call),
    listBlocks: (query, call) => blockList.blocks(query, call),
    getBlock: (query, call) => singleBlock.block(query, call),
    listTransactions: (query, call) => transactionList.transactions(query, call),
    listWallets: (query, call) => walletPages.wallets(query, call),
    subscribe: (query, call) => eventStreams.events(query, call),
    listPeers: () => view.listPeers(),
    getNetwork: () => view.getNetwork(),
    getStatus: () => view.getStatus(),
    throughput: () => parts.throughput.figures,
  };
  return { ledger, feed };
}

function createReads(
  parts: LedgerApiParts,
  made: {
    readonly custody: Custody;
    readonly ownership: Ownership;
    readonly seals: SealWait;
    readonly listReads: ListReads;
  },
): Reads {
  const { context, store, receipts, states, view, waiters, system, finalizer } = parts;
  const { custody, ownership, seals, listReads: reads } = made;
  return new Reads({
    context,
    custody,
    ownership,
    view,
    receipts,
    seals,
    proofs: new WalletProofs({ context, custody, receipts, waiters, states, finalizer, reads }),
    waiters,
    store,
    system,
    finalizer,
  });
}

/** Runs an order with its deadline, and with the refusal of a node that takes none. */
function ordering({
  answers,
  draining,
  system,
}: Pick<LedgerApiParts, "answers" | "draining" | "system">) {
  return <T>(
    call: CallContext,
    act: (orderer: Orderer, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { caller, countedAs, trace } = call;
    const run = () =>
      draining.order((refusal) =>
        withCallDeadline(system, call, (signal) =>
          act({ caller, countedAs, refusal, trace }, signal),
        ),
      );
    return answers.measure(run, (answer) => !(answer instanceof Refusal));
  };
}

function createGateway(
  parts: LedgerApiParts,
  {
    custody,
    ownership,
    seals,
  }: { readonly custody: Custody; readonly ownership: Ownership; readonly seals: SealWait },
): Gateway {
  const { context, store, intake, receipts, waiters, system, finalizer, clock, consensus } = parts;
  const lag = new CommitLag({ consensus, finalizer, waiters, system });
  const signing = new Signing({
    context,
    intake,
    receipts,
    custody,
    ownership,
    system,
    finalizer,
    clock,
    lag,
  });
  return new Gateway({
    traces: parts.traces,
    context,
    intake,
    receipts,
    custody,
    ownership,
    signing,
    finalizer,
    clock,
    lag,
    waiters,
    seals,
    store,
    system,
  });
}
