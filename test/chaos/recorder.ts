// Makes the calls of all clients, and writes each with its answer into the history as soon as it ends.

import { closeSync, openSync, writeSync } from "node:fs";
import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Receipt } from "../../gen/countersign/v1/types_pb.ts";
import { decodeHeader } from "../../src/primitives/block.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { encodeCall, type Question, type Reply } from "../support/history/history.ts";

/** Codes by which a gateway says that it ordered nothing; every other code leaves the outcome open. */
const DEFINITE: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.FailedPrecondition,
  Code.ResourceExhausted,
  Code.OutOfRange,
]);

export interface Asked {
  readonly client: number;
  readonly gateway: number;
  readonly question: Question;
}

export class Recorder {
  readonly #file: number;
  /** Answers by kind, and results by status. */
  readonly counts = new Map<string, number>();
  /** The highest final height that any answer showed. */
  height = 0;

  constructor(file: string) {
    this.#file = openSync(file, "a", 0o600);
  }

  async call(asked: Asked, make: () => Promise<Reply>): Promise<Reply> {
    const start = performance.now();
    const reply = await make().catch(replyOfError);
    const end = performance.now();
    writeSync(this.#file, encodeCall({ ...asked, start, end, reply }));
    this.#count(`${reply.kind}`);
    if ("height" in reply) this.height = Math.max(this.height, reply.height);
    return reply;
  }

  count(kind: string): number {
    return this.counts.get(kind) ?? 0;
  }

  close(): void {
    closeSync(this.#file);
  }

  #count(kind: string): void {
    this.counts.set(kind, this.count(kind) + 1);
  }
}

/** The result in an answer with a receipt; `status` is in the history's words. */
export function replyOfResult<Desc extends DescMessage>(
  schema: Desc,
  answer: MessageShape<Desc>,
  parts: { readonly status: string; readonly receipt: Receipt | undefined },
): Reply {
  const bytes = parts.receipt?.headers[0] ?? parts.receipt?.sealedHeader?.bytes;
  const header = bytes === undefined ? undefined : decodeHeader(bytes);
  if (header === undefined || header instanceof EncodingError) {
    throw new Error("an answer without a header in its receipt");
  }
  return {
    kind: "result",
    status: parts.status,
    height: header.height,
    answer: Buffer.from(toBinary(schema, answer)).toString("base64"),
  };
}

function replyOfError(error: unknown): Reply {
  if (!(error instanceof ConnectError)) throw error;
  const refusal = readRefusal(error);
  return refusal !== undefined && DEFINITE.has(error.code)
    ? { kind: "refused", reason: refusal.reason }
    : { kind: "unknown", why: refusal?.reason ?? Code[error.code] };
}
