/** Calls through several gateways whose answers are verified, or held against what is proven, before they are returned. */
import type { CallOptions } from "@connectrpc/connect";
import type {
  TransactionRequest,
  WalletCreationRequest,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Wallet as WalletMessage } from "../../gen/countersign/v1/types_pb.ts";
import type { WalletId } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import {
  type FetchedStatement,
  type FetchedWallet,
  fetchStatementProof,
  fetchWalletProof,
} from "./fetch-proofs.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import type { Gateways, LedgerGateway } from "./gateways.ts";
import { GatewayFault, LedgerError, StaleAnswer } from "./ledger-error.ts";
import { isPassing } from "./lost-calls.ts";
import { ProvenHeight, type ToldState } from "./proven-height.ts";
import { type Answer, isAnswerTo, verifyAnswer } from "./receipt-answer.ts";
import { isReceiptOf, type ReceiptOf } from "./receipt-query.ts";
import type { Trust, VerifiedReceipt } from "./receipt-verifier.ts";
import { signedBy } from "./signed-reads.ts";
import type { Wallet } from "./wallet.ts";

export interface LedgerReadOptions {
  /** The wallet that signs the read, for nodes with access control; a token of the endpoint does as well. */
  readonly by?: Wallet | undefined;
  /** Ends the call; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** In which some gateway must answer, milliseconds. */
  readonly timeoutMs?: number | undefined;
  /**
   * The greatest age of the newest block of the gateway, milliseconds. A network without payments makes no blocks, so an old block alone
   * does not show that an answer is stale.
   */
  readonly maxAgeMs?: number | undefined;
}

/** The word of one gateway, from a state that is not older than what is proven. */
export interface WalletState {
  readonly wallet: WalletMessage;
  readonly height: bigint;
  /** Milliseconds since the epoch. */
  readonly blockTime: bigint;
}

export interface VerifiedReadsParts {
  readonly trust: Trust;
  readonly gateways: Gateways;
  readonly timeoutMs: number;
  readonly hedgeAfterMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type Calls = GatewayClient["calls"];
type ListOptions = Pick<CallOptions, "signal" | "timeoutMs" | "contextValues"> | undefined;

/** Refusals after which an order may be ordered all the same. */
const UNDECIDED: ReadonlySet<string> = new Set(["INTERNAL", "OUTCOME_UNKNOWN"]);

export class VerifiedReads {
  readonly trust: Trust;
  readonly gateways: Gateways;
  readonly #parts: VerifiedReadsParts;
  readonly #proven = new ProvenHeight();

  constructor(parts: VerifiedReadsParts) {
    this.trust = parts.trust;
    this.gateways = parts.gateways;
    this.#parts = parts;
  }

  /** Lists and single reads: each page may come from another gateway, which takes the cursor of the page before. */
  get calls() {
    const read =
      <R, A extends ToldState>(
        name: (calls: Calls) => (request: R, options: CallOptions) => Promise<A>,
      ) =>
      (request: R, options?: ListOptions): Promise<A> =>
        this.#read((calls, given) => name(calls)(request, { ...given, ...contextOf(options) }), {
          signal: options?.signal,
          timeoutMs: options?.timeoutMs,
        });
    return {
      getWallet: read((calls) => calls.getWallet),
      getBlock: read((calls) => calls.getBlock),
      listEntries: read((calls) => calls.listEntries),
      listTransactions: read((calls) => calls.listTransactions),
      listBlocks: read((calls) => calls.listBlocks),
      listWallets: read((calls) => calls.listWallets),
    };
  }

  async wallet(id: string, options: LedgerReadOptions = {}): Promise<WalletState> {
    const told = await this.#read(
      (calls, given) => calls.getWallet({ id }, given),
      options,
      (answer) => {
        if (answer.wallet?.id !== id) throw new GatewayFault("the answer is of another wallet");
      },
    );
    const { wallet, height, blockTime } = told;
    if (wallet === undefined) throw new LedgerError("UNPROVEN", "there is no wallet in the answer");
    return { wallet, height, blockTime };
  }

  /**
   * The wallet, or that there is none, with its proof. Throws UNPROVEN if no gateway proves it of a state at least as new as what is
   * proven here.
   */
  async provenWallet(walletId: WalletId, options: LedgerReadOptions = {}): Promise<FetchedWallet> {
    return await this.#prove(options, (calls, given) => {
      const terms = { walletId, minHeight: this.#proven.height };
      return fetchWalletProof(calls, this.trust, terms, given);
    });
  }

  /** All entries of the wallet, with the proof that they are all. A thousand entries take a second or more. */
  async provenStatement(
    walletId: WalletId,
    options: LedgerReadOptions = {},
  ): Promise<FetchedStatement> {
    return await this.#prove(options, (calls, given) => {
      const terms = { walletId, minHeight: this.#proven.height };
      return fetchStatementProof(calls, this.trust, terms, given);
    });
  }

  /** From one gateway as a whole, so that the one that lies is known. */
  async #prove<T extends { readonly verified: Pick<VerifiedReceipt, "certifiedHeader"> }>(
    options: LedgerReadOptions,
    fetch: (calls: Calls, given: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { signal, timeoutMs = this.#parts.timeoutMs } = options;
    const call = (gateway: LedgerGateway, end: AbortSignal): Promise<T> =>
      fetch(gateway.calls, { signal: end, timeoutMs, ...readBy(gateway, options.by) });
    const { answer } = await this.gateways.ask(call, { signal, timeoutMs });
    this.#proven.note(answer.verified);
    return answer;
  }

  async order(
    request: TransactionRequest | WalletCreationRequest,
    options: LedgerReadOptions = {},
  ): Promise<VerifiedReceipt> {
    const { timeoutMs = this.#parts.timeoutMs, signal } = options;
    const call = async ({ calls }: LedgerGateway, end: AbortSignal): Promise<VerifiedReceipt> => {
      const given = { signal: end, timeoutMs };
      const receipt = this.verified(
        request.$typeName === "countersign.v1.TransactionRequest"
          ? await calls.transaction(request, given)
          : await calls.walletCreation(request, given),
      );
      if (isAnswerTo(request, receipt)) return receipt;
      throw new GatewayFault("the receipt is of another order");
    };
    try {
      return (await this.gateways.ask(call, { timeoutMs, signal })).answer;
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== "REFUSED") throw error;
      const { failures } = error;
      if (!failures.some((one) => isUndecided(one.error))) throw error;
      const why = `the outcome is unknown, repeat the same order: ${error.message}`;
      throw new LedgerError("UNREACHABLE", why, { failures });
    }
  }

  async receipt(
    of: ReceiptOf,
    options: LedgerReadOptions = {},
  ): Promise<VerifiedReceipt | undefined> {
    try {
      return await this.#receipt(of, options);
    } catch (error) {
      if (error instanceof LedgerError && error.refusal?.reason === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  /**
   * The receipt of what a gateway says to be final: one that does not know it is behind, and is asked again. Throws UNPROVEN if none
   * knows it in time.
   */
  async receiptOfFinal(of: ReceiptOf, options: LedgerReadOptions = {}): Promise<VerifiedReceipt> {
    try {
      return await this.#receipt(of, options, (error) => {
        if (readRefusal(error)?.reason !== "NOT_FOUND") return error;
        return new StaleAnswer("the node does not know it");
      });
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== "STALE") throw error;
      const { failures } = error;
      throw new LedgerError("UNPROVEN", `nothing proves it: ${error.message}`, { failures });
    }
  }

  /** Throws GatewayFault for an answer whose receipt does not prove it. */
  verified(answer: Answer): VerifiedReceipt {
    const receipt = verifyAnswer(this.trust, answer);
    if (!receipt.valid) throw new GatewayFault(`${receipt.field} ${receipt.problem}`);
    this.#proven.note(receipt);
    return receipt;
  }

  async #receipt(
    of: ReceiptOf,
    options: LedgerReadOptions,
    meaning: (error: unknown) => unknown = (error) => error,
  ): Promise<VerifiedReceipt> {
    const call = async (gateway: LedgerGateway, end: AbortSignal): Promise<VerifiedReceipt> => {
      const given = { signal: end, ...readBy(gateway, options.by) };
      const answer = await gateway.calls.getReceipt(of, given).catch((error: unknown) => {
        throw meaning(error);
      });
      const receipt = this.verified(answer);
      if (isReceiptOf(this.trust, of, receipt.operation)) return receipt;
      throw new GatewayFault("the receipt is of another operation than was asked for");
    };
    return (await this.gateways.ask(call, this.#hedged(options))).answer;
  }

  async #read<A extends ToldState>(
    call: (calls: Calls, options: CallOptions) => Promise<A>,
    options: LedgerReadOptions,
    check: (answer: A) => void = () => undefined,
  ): Promise<A> {
    const { maxAgeMs } = options;
    const oldest = maxAgeMs === undefined ? 0n : BigInt(this.#parts.now() - maxAgeMs);
    const asked = async (gateway: LedgerGateway, signal: AbortSignal): Promise<A> => {
      const answer = await call(gateway.calls, { signal, ...readBy(gateway, options.by) });
      this.#proven.check(answer, oldest);
      check(answer);
      return answer;
    };
    return (await this.gateways.ask(asked, this.#hedged(options))).answer;
  }

  #hedged({ signal, timeoutMs = this.#parts.timeoutMs }: LedgerReadOptions) {
    return { signal, timeoutMs, hedgeAfterMs: this.#parts.hedgeAfterMs };
  }
}

function contextOf(options: ListOptions): CallOptions {
  return options?.contextValues === undefined ? {} : { contextValues: options.contextValues };
}

function readBy({ node, name }: LedgerGateway, wallet: Wallet | undefined): CallOptions {
  if (wallet === undefined) return {};
  if (node !== undefined) return signedBy(wallet);
  throw new LedgerError("INVALID", `endpoints: name the node of ${name}; a signed read names it`);
}

function isUndecided(error: unknown): boolean {
  return isPassing(error) || UNDECIDED.has(readRefusal(error)?.reason ?? "");
}
