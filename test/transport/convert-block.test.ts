// Requests for blocks, transactions and wallets: the refusal of each wrong field.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import {
  GetBlockRequestSchema,
  ListBlocksRequestSchema,
  ListTransactionsRequestSchema,
  ListWalletsRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  blockQueryFromMessage,
  blocksQueryFromMessage,
  transactionsQueryFromMessage,
} from "../../src/transport/convert-block.ts";
import { walletsQueryFromMessage } from "../../src/transport/convert-list.ts";

const HASH = new Uint8Array(32).fill(7);
const LONG = "A".repeat(129);

it.each<readonly [MessageInitShape<typeof GetBlockRequestSchema>, object]>([
  [{}, { reason: "MISSING_FIELD", field: "height" }],
  [
    { height: 7n, hash: HASH },
    { reason: "MALFORMED", field: "hash" },
  ],
  [{ hash: HASH.slice(1) }, { reason: "MALFORMED", field: "hash" }],
  [{ height: 1n << 53n }, { reason: "LIMIT", field: "height" }],
  [
    { height: 7n, pageSize: 1_001 },
    { reason: "LIMIT", field: "pageSize" },
  ],
  [
    { height: 7n, cursor: LONG },
    { reason: "LIMIT", field: "cursor" },
  ],
  [{ height: 0n }, { block: { by: "height", height: 0 }, pageSize: 100 }],
  [
    { hash: HASH, pageSize: 9 },
    { block: { by: "hash", hash: HASH }, pageSize: 9 },
  ],
])("the request for a block %o is read as %o", (request, expected) => {
  expect(blockQueryFromMessage(create(GetBlockRequestSchema, request))).toMatchObject(expected);
});

it.each<readonly [object, object]>([
  [{ order: 3 }, { reason: "MALFORMED", field: "order" }],
  [{ pageSize: 0xffff_ffff }, { reason: "LIMIT", field: "pageSize" }],
  [{ cursor: LONG }, { reason: "LIMIT", field: "cursor" }],
  [{ fromHeight: 1n << 53n }, { reason: "LIMIT", field: "fromHeight" }],
  [{ toTime: (1n << 64n) - 1n }, { reason: "LIMIT", field: "toTime" }],
  [{}, { newestFirst: true, pageSize: 100 }],
  [
    { order: 2, fromHeight: 3n, toTime: 5n },
    { newestFirst: false, fromHeight: 3, toTime: 5 },
  ],
])("the request for a list of the chain %o is read as %o", (request, expected) => {
  const transactions = Object.assign(create(ListTransactionsRequestSchema), request);
  expect(transactionsQueryFromMessage(transactions)).toMatchObject(expected);
  const blocks = Object.assign(create(ListBlocksRequestSchema), request);
  expect(blocksQueryFromMessage(blocks)).toMatchObject(expected);
});

it.each([
  [{ pageSize: 1_001 }, { reason: "LIMIT", field: "pageSize" }],
  [{ cursor: LONG }, { reason: "LIMIT", field: "cursor" }],
  [{ all: true }, { all: true, pageSize: 100 }],
])("the request for wallets %o is read as %o", (request, expected) => {
  const message = create(ListWalletsRequestSchema, request);
  expect(walletsQueryFromMessage(message)).toMatchObject(expected);
});
