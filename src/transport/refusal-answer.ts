/** Refusals outside of Connect's handlers, in the form of the call's protocol. */
import { createEndStreamSerialization } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { type Bytes, concatBytes } from "../primitives/bytes.ts";
import type { Dialect } from "./dialect.ts";
import { type ErrorAnswer, errorAnswer, toConnectError } from "./errors.ts";
import type { Refusal } from "./refusal.ts";

/** Flags of the envelope with which Connect ends a stream. */
const END_STREAM_FLAG = 2;

const endStream = createEndStreamSerialization(undefined);

/**
 * gRPC and gRPC-Web refuse in the headers alone ("trailers-only"), Connect in the last envelope of a stream, all
 * others in JSON. `dialect` is undefined for a call in no known protocol.
 */
export function refusalAnswer(refusal: Refusal, dialect: Dialect | undefined): ErrorAnswer {
  const error = toConnectError(refusal);
  switch (dialect) {
    case "grpc":
    case "grpc-web": {
      const headers = setTrailerStatus(new Headers(), error);
      headers.set("content-type", `application/${dialect}+proto`);
      return { status: 200, headers: Object.fromEntries(headers), body: new Uint8Array() };
    }
    case "connect": {
      const data = endStream.serialize({ metadata: new Headers(), error });
      const body = concatBytes(envelopeHead(END_STREAM_FLAG, data.length), data);
      return { status: 200, headers: { "content-type": "application/connect+proto" }, body };
    }
    case "json":
    case "proto":
    case undefined:
      return errorAnswer(error);
  }
}

export function envelopeHead(flags: number, length: number): Bytes {
  const head = new Uint8Array(5);
  const view = new DataView(head.buffer);
  view.setUint8(0, flags);
  view.setUint32(1, length);
  return head;
}
