/**
 * `submitTransactions` for browsers, which send no streams: each transfer goes as a call of its own, some of them at a time. To its
 * caller it looks like the stream, and its outcomes are checked as those of the stream are (submitted-outcomes.ts).
 */
import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  SubmitTransactionsRequestSchema,
  type SubmitTransactionsResponse,
  SubmitTransactionsResponseSchema,
  type SubmittedTransfer,
  type TransactionRequest,
  TransactionRequestSchema,
  type TransactionResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import { orderedTransferToMessage } from "../transport/convert-ledger.ts";
import { readRefusal, wireRefusalOf } from "../transport/errors.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import type { Trust } from "./receipt-verifier.ts";
import { SubmitFault } from "./submitted-outcomes.ts";

/** Calls at a time: a browser has 100 streams on a connection, and its page reads meanwhile. */
const AT_ONCE = 32;

type Submits = GatewayClient["calls"]["submitTransactions"];
type Network = Pick<Trust, "hash" | "networkId">;

/** The stream throws RangeError for bytes that are no transfer of this network. */
export function submitSingly(
  calls: Pick<GatewayClient["calls"], "transaction">,
  network: Network,
): Submits {
  return async function* submit(requests, { signal } = {}) {
    const over = new AbortController();
    const end = AbortSignal.any(signal === undefined ? [over.signal] : [over.signal, signal]);
    const answers = new Answers(end);
    const call = async (transfer: SubmittedTransfer, wait: Wait) => {
      const { number } = transfer;
      try {
        const request = requestOf(network, transfer, wait);
        return certified(number, await calls.transaction(request, { signal: end }));
      } catch (error) {
        return refusedOrThrow(number, error);
      }
    };
    const sending = async (): Promise<void> => {
      for await (const request of requests) {
        const { transfers, wait } = create(SubmitTransactionsRequestSchema, request);
        for (const transfer of transfers) {
          await answers.room();
          if (end.aborted) return;
          answers.expect(call(transfer, wait));
        }
      }
      answers.expectNoMore();
    };
    sending().catch((error: unknown) => answers.fail(error));
    try {
      yield* answers.all();
    } finally {
      over.abort();
    }
  };
}

/** The answers of calls that run at the same time. */
class Answers {
  readonly #signal: AbortSignal;
  readonly #ready: SubmitTransactionsResponse[] = [];
  #running = 0;
  #isWhole = false;
  #failure: { readonly error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.fail(signal.reason), { once: true });
    if (signal.aborted) this.fail(signal.reason);
  }

  expect(answer: Promise<SubmitTransactionsResponse>): void {
    this.#running += 1;
    answer.then(
      (message) => {
        this.#running -= 1;
        this.#ready.push(message);
        this.#tell();
      },
      (error: unknown) => this.fail(error),
    );
  }

  expectNoMore(): void {
    this.#isWhole = true;
    this.#tell();
  }

  /** The first failure ends all. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#tell();
  }

  /** Settles when another call may run, or when none needs to any more. */
  async room(): Promise<void> {
    while (this.#running >= AT_ONCE && !this.#signal.aborted) await this.#changed.promise;
  }

  /** As they come; throws the first failure. */
  async *all(): AsyncGenerator<SubmitTransactionsResponse, void> {
    for (;;) {
      yield* this.#ready.splice(0);
      if (this.#failure !== undefined) throw ConnectError.from(this.#failure.error);
      if (this.#isWhole && this.#running === 0 && this.#ready.length === 0) return;
      if (this.#ready.length === 0) await this.#changed.promise;
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function requestOf(
  { hash, networkId }: Network,
  { number, operation: bytes }: SubmittedTransfer,
  wait: Wait,
): TransactionRequest {
  const signed = decodeSignedOperation(hash, networkId, bytes);
  if (signed instanceof EncodingError || signed.operation.kind !== "transfer") {
    throw new RangeError(`transfer ${number} cannot be read`);
  }
  const { operation, signature } = signed;
  const transaction = orderedTransferToMessage(operation);
  return create(TransactionRequestSchema, { transaction, signature, wait });
}

/** The fields that its receipt does not show are left out. */
function certified(
  number: number,
  { receipt, result, unsealed }: TransactionResponse,
): SubmitTransactionsResponse {
  if (receipt === undefined) throw new SubmitFault("an answer came without its receipt");
  const { leaf, index, path, headers, sealedHeader, keyCertificate } = receipt;
  const { finalization, sealPending } = receipt;
  return create(SubmitTransactionsResponseSchema, {
    results: [{ number, leaf, index, path, ...(result && { result }) }],
    proof: {
      ...{ headers, sealPending },
      ...(sealedHeader && { sealedHeader }),
      ...(keyCertificate && { keyCertificate }),
      ...(finalization && { finalization }),
    },
    ...(unsealed && { unsealed }),
  });
}

/** A refusal is the outcome of its transfer; anything else says nothing of it, and ends the stream. */
function refusedOrThrow(number: number, error: unknown): SubmitTransactionsResponse {
  const refusal = readRefusal(error);
  if (refusal === undefined) throw error;
  const { message, detail } = wireRefusalOf(refusal);
  return create(SubmitTransactionsResponseSchema, { refusals: [{ number, message, detail }] });
}
