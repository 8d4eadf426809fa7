/** Messages of a link: batches of operations and consensus messages to bytes and back, and their queue. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { LinkRequestSchema } from "../../gen/countersign/v1/peer_service_pb.ts";
import { entropy } from "../../src/node/base/crypto.ts";
import { batchFromMessage, batchToMessage } from "../../src/transport/convert-peer.ts";
import { LinkOutbox } from "../../src/transport/link-outbox.ts";
import { openLine } from "./link-line.ts";
import type { MicroBench } from "./open-group.ts";

const OPERATIONS = [1, 200] as const;
const VOTE_BYTES = 120;

export async function open(): Promise<MicroBench> {
  const line = await openLine();
  return {
    close: line.close,
    benchmarks: [
      ...OPERATIONS.flatMap((count) => {
        const operations = Array.from({ length: count }, () => entropy(270));
        const batch = { operations, consensusMessages: [], seals: [] };
        const bytes = toBinary(LinkRequestSchema, batchToMessage(batch));
        return [
          {
            name: `write a batch of ${count} transfers, each`,
            count,
            run: () => toBinary(LinkRequestSchema, batchToMessage(batch)),
          },
          {
            name: `read a batch of ${count} transfers, each`,
            count,
            run: () => batchFromMessage(fromBinary(LinkRequestSchema, bytes)),
          },
        ];
      }),
      oneVote(),
      queueing(),
      ...line.benchmarks,
    ],
  };
}

function oneVote() {
  const batch = { operations: [], consensusMessages: [entropy(VOTE_BYTES)], seals: [] };
  return {
    name: "write and read a vote",
    run: () => {
      const bytes = toBinary(LinkRequestSchema, batchToMessage(batch));
      return batchFromMessage(fromBinary(LinkRequestSchema, bytes));
    },
  };
}

function queueing() {
  const operations = Array.from({ length: 200 }, () => entropy(270));
  const outbox = new LinkOutbox();
  return {
    name: "queue 200 transfers and take them, each",
    count: operations.length,
    run: () => {
      for (const operation of operations) outbox.add({ operations: [operation] });
      return outbox.take();
    },
  };
}
