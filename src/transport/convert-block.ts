/** Converts requests for blocks and transactions to queries, and the pages to generated messages. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BlockSchema,
  type GetBlockRequest,
  type GetBlockResponse,
  GetBlockResponseSchema,
  type ListBlocksRequest,
  type ListBlocksResponse,
  ListBlocksResponseSchema,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
  ListTransactionsResponseSchema,
  type OrderedTransaction,
  OrderedTransactionSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { convert, fail, givenBytes, readFixed, readHeight } from "./convert-fields.ts";
import { headerToMessage } from "./convert-header.ts";
import { orderedToMessage, resultToMessage } from "./convert-ledger.ts";
import {
  pageToMessage,
  readPage,
  readRange,
  readSizeAndCursor,
  receiptQueryToMessage,
} from "./convert-page.ts";
import type {
  BlockAnswer,
  BlockInfo,
  BlockListAnswer,
  BlockListQuery,
  BlockQuery,
  TransactionInfo,
  TransactionsAnswer,
  TransactionsQuery,
} from "./ledger-lists.ts";
import type { Refusal } from "./refusal.ts";

export function blocksQueryFromMessage(request: ListBlocksRequest): BlockListQuery | Refusal {
  return convert(() => ({ ...readPage(request), ...readRange(request) }));
}

export function blocksToMessage({ blocks, ...page }: BlockListAnswer): ListBlocksResponse {
  return create(ListBlocksResponseSchema, {
    blocks: blocks.map(blockInfoToMessage),
    ...pageToMessage(page),
  });
}

export function blockQueryFromMessage(request: GetBlockRequest): BlockQuery | Refusal {
  return convert(() => ({ block: readName(request), ...readSizeAndCursor(request) }));
}

export function blockToMessage(answer: BlockAnswer): GetBlockResponse {
  const { block, headerBytes, finalization, seal, transactions } = answer;
  return create(GetBlockResponseSchema, {
    block: blockInfoToMessage(block),
    headerBytes,
    ...(finalization === undefined ? {} : { finalization }),
    ...(seal === undefined ? {} : { seal }),
    transactions: transactions.map(transactionToMessage),
    nextCursor: answer.nextCursor ?? "",
    height: BigInt(answer.height),
    blockTime: BigInt(answer.blockTime),
    lagging: answer.lagging,
  });
}

export function transactionsQueryFromMessage(
  request: ListTransactionsRequest,
): TransactionsQuery | Refusal {
  return convert(() => ({ ...readPage(request), ...readRange(request) }));
}

export function transactionsToMessage({
  transactions,
  ...page
}: TransactionsAnswer): ListTransactionsResponse {
  return create(ListTransactionsResponseSchema, {
    transactions: transactions.map(transactionToMessage),
    ...pageToMessage(page),
  });
}

function readName({ height, hash }: GetBlockRequest): BlockQuery["block"] {
  const digest = givenBytes(hash);
  if (digest === undefined) {
    if (height === undefined) return fail("MISSING_FIELD", "height", "is missing, and so is hash");
    return { by: "height", height: readHeight(height, "height") };
  }
  if (height !== undefined)
    fail("MALFORMED", "hash", "is given beside height; ask for one of them");
  return { by: "hash", hash: readFixed(digest, DIGEST_LENGTH, "hash") };
}

function blockInfoToMessage(block: BlockInfo): MessageInitShape<typeof BlockSchema> {
  const { hash, header, finalizationHeight, sealHeight } = block;
  return create(BlockSchema, {
    hash,
    header: headerToMessage(header),
    finalizationHeight: BigInt(finalizationHeight),
    ...(sealHeight === undefined ? {} : { sealHeight: BigInt(sealHeight) }),
  });
}

export function transactionToMessage(transaction: TransactionInfo): OrderedTransaction {
  const { height, index, time, operation, result, receipt } = transaction;
  return create(OrderedTransactionSchema, {
    height: BigInt(height),
    index,
    time: BigInt(time),
    operation: orderedToMessage(operation),
    result: resultToMessage(result),
    ...(receipt === undefined ? {} : { receipt: receiptQueryToMessage(receipt) }),
  });
}
