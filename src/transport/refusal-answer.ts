/**
 * Refusals in the form of the call's protocol. They are written without an error object of Connect's, whose stack and headers
 * cost more than most refusals.
 */
import { toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { codeToString, createEndStreamSerialization } from "@connectrpc/connect/protocol-connect";
import { ErrorDetailSchema } from "../../gen/countersign/v1/types_pb.ts";
import { type Bytes, concatBytes, utf8 } from "../primitives/bytes.ts";
import type { Dialect } from "./dialect.ts";
import {
  type ErrorAnswer,
  httpStatusOf,
  toConnectError,
  type WireRefusal,
  wireRefusalOf,
} from "./errors.ts";
import type { Refusal } from "./refusal.ts";

/** Flags of the envelope with which Connect ends a stream. */
const END_STREAM_FLAG = 2;
/** And of that with which gRPC-Web does. */
const TRAILER_FLAG = 0x80;
const DETAIL_TYPE = ErrorDetailSchema.typeName;

const endStream = createEndStreamSerialization(undefined);

/**
 * gRPC and gRPC-Web refuse in the headers alone ("trailers-only"), Connect in the last envelope of a stream, all
 * others in JSON. `dialect` is undefined for a call in no known protocol.
 */
export function refusalAnswer(refusal: Refusal, dialect: Dialect | undefined): ErrorAnswer {
  switch (dialect) {
    case "grpc":
    case "grpc-web": {
      const headers = { "content-type": `application/${dialect}+proto`, ...grpcStatus(refusal) };
      return { status: 200, headers, body: new Uint8Array() };
    }
    case "connect": {
      const error = toConnectError(refusal);
      const data = endStream.serialize({ metadata: new Headers(), error });
      const body = concatBytes(envelopeHead(END_STREAM_FLAG, data.length), data);
      return { status: 200, headers: { "content-type": "application/connect+proto" }, body };
    }
    case "json":
    case "proto":
    case undefined: {
      const wire = wireRefusalOf(refusal);
      const body = utf8(JSON.stringify(errorJson(wire)));
      const headers = {
        ...wire.headers,
        "content-type": "application/json",
        "content-length": String(body.length),
      };
      return { status: httpStatusOf(refusal.reason), headers, body };
    }
  }
}

/** A refusal at the end of a stream that has begun: the last bytes of its body, and its trailers. */
export interface StreamEnd {
  readonly body: Bytes;
  readonly trailers: Readonly<Record<string, string>>;
}

/** `refusal` is undefined if the stream ends as it should. */
export function streamEnd(
  refusal: Refusal | undefined,
  dialect: "grpc" | "grpc-web" | "connect",
): StreamEnd {
  const status = refusal === undefined ? { "grpc-status": "0" } : grpcStatus(refusal);
  switch (dialect) {
    case "grpc":
      return { body: new Uint8Array(), trailers: status };
    case "grpc-web": {
      const lines = Object.entries(status).map(([name, value]) => `${name}: ${value}\r\n`);
      return { body: enveloped(TRAILER_FLAG, utf8(lines.join(""))), trailers: {} };
    }
    case "connect": {
      const error = refusal === undefined ? {} : { error: errorJson(wireRefusalOf(refusal)) };
      return { body: enveloped(END_STREAM_FLAG, utf8(JSON.stringify(error))), trailers: {} };
    }
  }
}

/** The text of a refusal, as JSON shows it. */
export function refusalText(refusal: Refusal): string {
  return JSON.stringify(errorJson(wireRefusalOf(refusal)));
}

/** Connect's JSON of an error: https://connectrpc.com/docs/protocol#error-end-stream */
function errorJson({ code, message, detail }: WireRefusal): object {
  const { reason, field, remedy, metadata } = detail;
  const value = toBase64(toBinary(ErrorDetailSchema, detail));
  const debug = { reason, field, remedy, metadata };
  return { code: codeToString(code), message, details: [{ type: DETAIL_TYPE, debug, value }] };
}

/** gRPC's headers of an error: status, message, and google.rpc.Status with the detail. */
function grpcStatus(refusal: Refusal): Record<string, string> {
  const { code, message, detail, headers } = wireRefusalOf(refusal);
  const any = new BinaryWriter();
  any.tag(1, WireType.LengthDelimited).string(`type.googleapis.com/${DETAIL_TYPE}`);
  any.tag(2, WireType.LengthDelimited).bytes(toBinary(ErrorDetailSchema, detail));
  const status = new BinaryWriter();
  status.tag(1, WireType.Varint).int32(code);
  status.tag(2, WireType.LengthDelimited).string(message);
  status.tag(3, WireType.LengthDelimited).bytes(any.finish());
  return {
    ...headers,
    "grpc-status": String(code),
    "grpc-message": encodeURIComponent(message),
    "grpc-status-details-bin": toBase64(status.finish()),
  };
}

/** Without padding. */
function toBase64(bytes: Bytes): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** A message, or the end of a stream, in its envelope. */
export function enveloped(flags: number, data: Bytes): Bytes {
  return concatBytes(envelopeHead(flags, data.length), data);
}

export function envelopeHead(flags: number, length: number): Bytes {
  const head = new Uint8Array(5);
  const view = new DataView(head.buffer);
  view.setUint8(0, flags);
  view.setUint32(1, length);
  return head;
}
