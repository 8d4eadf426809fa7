/** LedgerService over `LedgerApi`: converts requests to commands and queries, and answers to messages. */
import type {
  LedgerService,
  SubscribeResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Caller } from "../access/principal.ts";
import { callerOfLedgerCall } from "./call-gate.ts";
import { countedAsOf, traceParentOf } from "./caller.ts";
import {
  blockQueryFromMessage,
  blocksQueryFromMessage,
  blocksToMessage,
  blockToMessage,
  transactionsQueryFromMessage,
  transactionsToMessage,
} from "./convert-block.ts";
import {
  cancellationFromMessage,
  creationFromMessage,
  receiptQueryFromMessage,
  transferFromMessage,
  walletQueryFromMessage,
} from "./convert-command.ts";
import { eventsQueryFromMessage, eventsToMessage } from "./convert-events.ts";
import {
  cancellationToMessage,
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
import type { CallContext, CreationCommand, LedgerApi, TransferCommand } from "./ledger-api.ts";
import type { EventsAnswer } from "./ledger-events.ts";
import { Refusal } from "./refusal.ts";
import type { StreamCalls } from "./stream-service.ts";
import type { UnaryCalls, UnaryContext } from "./unary-service.ts";

export function createLedgerService(api: LedgerApi): UnaryCalls<typeof LedgerService> {
  return {
    walletCreation: (request, context) =>
      serve(creationFromMessage(request), {
        caller: (command) => callerOfLedgerCall(context, "walletCreation", formOfCreation(command)),
        act: (command, caller) => api.createWallet(command, callOf(context, caller)),
        tell: creationToMessage,
      }),
    transaction: (request, context) =>
      serve(transferFromMessage(request), {
        caller: (command) => callerOfLedgerCall(context, "transaction", formOfTransfer(command)),
        act: (command, caller) => api.transfer(command, callOf(context, caller)),
        tell: transferToMessage,
      }),
    cancelTransaction: (request, context) =>
      serve(cancellationFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "cancelTransaction"),
        act: (command, caller) => api.cancel(command, callOf(context, caller)),
        tell: cancellationToMessage,
      }),
    getWallet: (request, context) =>
      serve(walletQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "getWallet"),
        act: (query, caller) => api.getWallet(query, callOf(context, caller)),
        tell: walletAnswerToMessage,
      }),
    getReceipt: (request, context) =>
      serve(receiptQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "getReceipt"),
        act: (query, caller) => api.getReceipt(query, callOf(context, caller)),
        tell: receiptAnswerToMessage,
      }),
    listEntries: (request, context) =>
      serve(entriesQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "listEntries"),
        act: (query, caller) => api.listEntries(query, callOf(context, caller)),
        tell: entriesToMessage,
      }),
    listBlocks: (request, context) =>
      serve(blocksQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "listBlocks"),
        act: (query, caller) => api.listBlocks(query, callOf(context, caller)),
        tell: blocksToMessage,
      }),
    getBlock: (request, context) =>
      serve(blockQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "getBlock"),
        act: (query, caller) => api.getBlock(query, callOf(context, caller)),
        tell: blockToMessage,
      }),
    listTransactions: (request, context) =>
      serve(transactionsQueryFromMessage(request), {
        caller: () => callerOfLedgerCall(context, "listTransactions"),
        act: (query, caller) => api.listTransactions(query, callOf(context, caller)),
        tell: transactionsToMessage,
      }),
    listWallets: (request, context) =>
      serve(walletsQueryFromMessage(request), {
        caller: ({ all }) => callerOfLedgerCall(context, "listWallets", all ? "all" : "own"),
        act: (query, caller) => api.listWallets(query, callOf(context, caller)),
        tell: walletsToMessage,
      }),
    ...viewsOf(api),
  };
}

/** The streams of the ledger service. */
export function createLedgerStreams(
  api: Pick<LedgerApi, "subscribe">,
): StreamCalls<typeof LedgerService> {
  // Streams that are equally far have their answers in common (src/node/clients/event-pages.ts), and so their messages.
  const messages = new WeakMap<EventsAnswer, SubscribeResponse>();
  const messageOf = (answer: EventsAnswer) => {
    const message = messages.get(answer) ?? eventsToMessage(answer);
    messages.set(answer, message);
    return message;
  };
  return {
    async *subscribe(request, context) {
      const query = eventsQueryFromMessage(request);
      if (query instanceof Refusal) return void (yield query);
      const form = query.walletId === undefined ? "all" : "wallet";
      const caller = callerOfLedgerCall(context, "subscribe", form);
      if (caller instanceof Refusal) return void (yield caller);
      for await (const answer of api.subscribe(query, callOf(context, caller))) {
        yield answer instanceof Refusal ? answer : messageOf(answer);
      }
    },
  };
}

/** All that a node tells of itself and its network, without a question. */
function viewsOf(
  api: Pick<LedgerApi, "listPeers" | "getNetwork" | "getStatus" | "throughput">,
): Pick<UnaryCalls<typeof LedgerService>, "listPeers" | "getNetwork" | "getStatus"> {
  return {
    listPeers: (_, context) =>
      serve("all", {
        caller: () => callerOfLedgerCall(context, "listPeers"),
        act: (_all, caller) => api.listPeers(callOf(context, caller)),
        tell: peersToMessage,
      }),
    getNetwork: (_, context) =>
      serve("all", {
        caller: () => callerOfLedgerCall(context, "getNetwork"),
        act: (_all, caller) => api.getNetwork(callOf(context, caller)),
        tell: networkToMessage,
      }),
    getStatus: (request, context) =>
      serve(request, {
        // The scope of ListPeers is the same.
        caller: () => callerOfLedgerCall(context, "getStatus"),
        act: ({ withPeers, withThroughput }, caller) => {
          const call = callOf(context, caller);
          return {
            status: api.getStatus(call),
            peers: withPeers ? api.listPeers(call) : undefined,
            throughput: withThroughput ? api.throughput(call) : undefined,
          };
        },
        tell: ({ status, ...extras }) => statusToMessage(status, extras),
      }),
  };
}

interface Steps<Question, Given, Told> {
  /** The one who asks, if it may ask this question. */
  readonly caller: (question: Question) => Caller | Refusal;
  readonly act: (question: Question, caller: Caller) => Given | Refusal | Promise<Given | Refusal>;
  readonly tell: (given: Given) => Told;
}

/** The steps of a call, each as far as none before it refuses. */
async function serve<Question, Given, Told>(
  question: Question | Refusal,
  { caller, act, tell }: Steps<Question, Given, Told>,
): Promise<Told | Refusal> {
  if (question instanceof Refusal) return question;
  const by = caller(question);
  if (by instanceof Refusal) return by;
  const given = await act(question, by);
  return given instanceof Refusal ? given : tell(given);
}

function callOf(context: UnaryContext, caller: Caller): CallContext {
  const { signal } = context;
  const trace = traceParentOf(context);
  return {
    caller,
    countedAs: countedAsOf(context),
    signal,
    timeLeftMs: context.timeoutMs(),
    trace,
  };
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
