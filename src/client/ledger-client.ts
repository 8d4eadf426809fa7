/**
 * The client of a ledger, through several gateways, none of which it trusts: what can be proved is verified against the genesis before
 * it is returned, and an answer from a state older than one that was proved is refused. What nothing proves is named at each call.
 */
import type {
  TransactionRequest,
  WalletCreationRequest,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { epochAt, membersOf } from "../ledger/epochs.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney, type Money, MoneyProblem, parseMoney } from "../ledger/money.ts";
import { assert } from "../primitives/assert.ts";
import { type OperationId, parseUuid } from "../primitives/ids.ts";
import { height } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import type { GatewayCallOptions, GatewayClient } from "./gateway-calls.ts";
import { Gateways, type LedgerGateway } from "./gateways.ts";
import { LedgerError } from "./ledger-error.ts";
import type { StatementTerms } from "./lists.ts";
import {
  type ProvenEntry,
  type ProvenEvent,
  provenStatement,
  provenWatch,
} from "./proven-streams.ts";
import type { ReceiptOf } from "./receipt-query.ts";
import {
  type Cryptography,
  type Trust,
  trustGenesis,
  type VerifiedReceipt,
} from "./receipt-verifier.ts";
import { type LedgerReadOptions, VerifiedReads, type WalletState } from "./verified-reads.ts";
import type { WatchTerms } from "./watch.ts";

export interface GatewayEndpoint {
  /** https://host:port of a node's client listener. */
  readonly url: string;
  /** The id of the node in the genesis, if the genesis does not name this address. */
  readonly node?: string | undefined;
  /** A bearer token of that node. */
  readonly token?: string | undefined;
}

export interface LedgerClientOptions {
  /** The network's public genesis, by which everything is verified; get it from a party you trust, not from a gateway. */
  readonly genesis: Genesis;
  /** `sha256`, `verify` and `isValidPoint` of countersign/crypto. */
  readonly cryptography: Cryptography;
  /** The gateways; default: every node of the genesis. */
  readonly endpoints?: readonly (string | GatewayEndpoint)[] | undefined;
  /** In which some gateway must answer a call, milliseconds; default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** A second gateway is asked what the first has not answered for so long, milliseconds; default 500. */
  readonly hedgeAfterMs?: number | undefined;
  /** Milliseconds since the epoch; default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

export interface LedgerClient {
  readonly genesis: Genesis;
  readonly trust: Trust;
  /** For calls that the client does not have. */
  readonly gateways: Gateways;
  /** Reads that go to another gateway if one fails, for `history` and others; their answers are the word of one gateway. */
  readonly reads: VerifiedReads["calls"];
  /** Orders a signed request and gives its verified receipt, applied or declined. Safe to repeat; see also `Outbox`. */
  order(
    request: TransactionRequest | WalletCreationRequest,
    options?: LedgerReadOptions,
  ): Promise<VerifiedReceipt>;
  /** Undefined if no gateway that answered knows it, which is their word: an order may still be on its way. */
  receipt(of: ReceiptOf, options?: LedgerReadOptions): Promise<VerifiedReceipt | undefined>;
  /** Balance and number of entries: the word of one gateway. */
  wallet(id: string, options?: LedgerReadOptions): Promise<WalletState>;
  /** The wallet, or that there is none, with its proof; `verified` says what it proves. */
  provenWallet: VerifiedReads["provenWallet"];
  /** The whole statement of a wallet, proven complete: no entry is missing, changed or out of its order. */
  provenStatement: VerifiedReads["provenStatement"];
  /** The entries of a wallet, each with the receipt that proves it. Their numbers and balances are the word of one gateway. */
  statement(terms: StatementTerms, options?: LedgerReadOptions): AsyncGenerator<ProvenEntry, void>;
  /** The entries of a wallet as they become final, each with the receipt that proves it; goes on at another gateway. */
  watch(
    terms: WatchTerms & { readonly walletId: string },
    options?: LedgerReadOptions,
  ): AsyncGenerator<ProvenEvent, void>;
  /** "0.25 EUR" in minor units; throws LedgerError INVALID. */
  money(text: string): Money;
  /** "0.25 EUR". */
  format(money: { readonly asset: string; readonly amount: bigint }): string;
  /** A random id, for a payment or a wallet. Choose it once for each, and keep it. */
  newId(): OperationId;
  /** Ends the connections and every open call. */
  close(): void;
}

const TIMEOUT_MS = 30_000;
const HEDGE_AFTER_MS = 500;

/** Reaches one gateway, by the means of the platform. */
export type ConnectGateway = (
  options: GatewayCallOptions & { readonly baseUrl: string },
  trust: Trust,
) => GatewayClient;

/** Throws LedgerError INVALID for an endpoint that cannot be used. */
export function connectLedger(options: LedgerClientOptions, connect: ConnectGateway): LedgerClient {
  const { timeoutMs = TIMEOUT_MS, genesis, cryptography } = options;
  const trust = trustGenesis(genesis, cryptography);
  const members = membersOf(genesis, epochAt(genesis, height(0)));
  const clients = endpointsOf(options, members).map(({ url, node, token }) => {
    const client = connect({ baseUrl: url, token, node, timeoutMs }, trust);
    const gateway: LedgerGateway = { name: node ?? url, node, calls: client.calls };
    return { gateway, close: client.close };
  });
  const gateways = new Gateways(clients.map(({ gateway }) => gateway));
  const close = (): void => {
    for (const client of clients) client.close();
  };
  return ledgerOf(options, gateways, close);
}

/** The same over gateways that are reached in another way. */
export function ledgerOf(
  options: Omit<LedgerClientOptions, "endpoints">,
  gateways: Gateways,
  close: () => void,
): LedgerClient {
  const { genesis, cryptography, now = Date.now } = options;
  const trust = trustGenesis(genesis, cryptography);
  const { timeoutMs = TIMEOUT_MS, hedgeAfterMs = HEDGE_AFTER_MS } = options;
  const reads = new VerifiedReads({ trust, gateways, timeoutMs, hedgeAfterMs, now });
  return {
    genesis,
    trust,
    gateways,
    reads: reads.calls,
    order: (request, given) => reads.order(request, given),
    receipt: (of, given) => reads.receipt(of, given),
    wallet: (id, given) => reads.wallet(id, given),
    provenWallet: (id, given) => reads.provenWallet(id, given),
    provenStatement: (id, given) => reads.provenStatement(id, given),
    statement: (terms, given) => provenStatement(reads, terms, given),
    watch: (terms, given) => provenWatch(reads, terms, given),
    money: (text) => {
      const money = parseMoney(genesis, text);
      if (money instanceof MoneyProblem) throw new LedgerError("INVALID", money.message);
      return money;
    },
    format: ({ asset, amount }) => formatMoney(genesis, asset, amount),
    newId,
    close,
  };
}

/** A random id, for a payment or a wallet. */
export function newId(): OperationId {
  const id = parseUuid(crypto.randomUUID());
  assert(id !== undefined, "a random UUID is one");
  return id;
}

function endpointsOf(
  { endpoints }: LedgerClientOptions,
  members: readonly Validator[],
): readonly GatewayEndpoint[] {
  const known = members.map(({ id, clientAddress }) => ({
    url: `https://${clientAddress}`,
    node: id,
  }));
  if (endpoints === undefined) return known;
  if (endpoints.length === 0) {
    throw new LedgerError("INVALID", "endpoints: is empty; name a gateway, or leave it out");
  }
  return endpoints.map((given) => {
    const endpoint: GatewayEndpoint = typeof given === "string" ? { url: given } : given;
    const url = URL.canParse(endpoint.url) ? new URL(endpoint.url) : undefined;
    if (url?.protocol !== "https:") {
      throw new LedgerError("INVALID", "endpoints: each is a URL as https://host:port");
    }
    const node = endpoint.node ?? known.find((one) => new URL(one.url).origin === url.origin)?.node;
    return { ...endpoint, url: url.origin, node };
  });
}
