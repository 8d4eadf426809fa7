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

/** The body of an answer in chunks, and the trailers after it (RFC 9112 section 7.1). */
export function readChunked(raw: Buffer): { readonly body: Buffer; readonly trailer: Headers } {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = raw.indexOf("\r\n", at);
    const length = Number.parseInt(raw.subarray(at, end).toString(), 16);
    if (end < 0 || !(length > 0)) {
      const fields = end < 0 ? "" : raw.subarray(end + 2).toString("latin1");
      return { body: Buffer.concat(parts), trailer: readFields(fields.trimEnd().split("\r\n")) };
    }
    parts.push(raw.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

export function dechunked(raw: Buffer): Buffer {
  return readChunked(raw).body;
}

/** Lines of fields (RFC 9112 section 5). */
export function readFields(lines: readonly string[]): Headers {
  const fields = lines.filter((line) => line.includes(":"));
  return new Headers(
    fields.map((field) => field.split(/: ?(.*)/).slice(0, 2)) as [string, string][],
  );
}
