/** Answers of a listener as they came, and the error in each, in the form of its protocol. */
import type { ConnectError } from "@connectrpc/connect";
import { createEndStreamSerialization } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { errorOfBody } from "../../src/transport/errors.ts";

export interface Told {
  /** 0 if none came. */
  readonly status: number;
  readonly head: Headers;
  readonly trailer: Headers;
  readonly body: Buffer;
}

const endStream = createEndStreamSerialization(undefined);
const GRPC_WEB_TRAILER = 0x80;
const CONNECT_END = 2;

/** Undefined for an answer without one; an error that cannot be read is an internal one without a reason. */
export function errorIn({ status, head, trailer, body }: Told): ConnectError | undefined {
  const inHeaders = findTrailerError(trailer) ?? findTrailerError(head);
  if (inHeaders !== undefined) return inHeaders;
  const type = head.get("content-type") ?? "";
  if (status !== 200) return errorOfBody(body);
  if (!type.startsWith("application/grpc-web") && !type.startsWith("application/connect")) return;
  for (let at = 0; at + 5 <= body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    const data = body.subarray(at + 5, end);
    if (body[at] === GRPC_WEB_TRAILER) return findTrailerError(trailerParse(data));
    if (body[at] === CONNECT_END) return endStream.parse(data).error;
    at = end;
  }
  return undefined;
}

/** The body of an answer in chunks (RFC 9112 section 7.1). */
export function dechunked(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = raw.indexOf("\r\n", at);
    const length = Number.parseInt(raw.subarray(at, end).toString(), 16);
    if (end < 0 || !(length > 0)) return Buffer.concat(parts);
    parts.push(raw.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
