/** Errors that Connect raised by itself get the detail that every refusal carries; empty refusals get a body. */
import { createAsyncIterable, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { contentTypeUnaryJson } from "@connectrpc/connect/protocol-connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { Bytes } from "../primitives/bytes.ts";
import { errorAnswer, errorOfBody, toConnectError, withDetail } from "./errors.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";

/** HTTP statuses with which Connect refuses without a word. */
const SILENT: ReadonlyMap<number, { reason: RefusalReason; message: string }> = new Map([
  [404, { reason: "UNKNOWN_PATH", message: "there is no such path" }],
  [405, { reason: "METHOD_NOT_ALLOWED", message: "this path does not take that HTTP method" }],
  [415, { reason: "UNSUPPORTED_MEDIA_TYPE", message: "this content-type is not read here" }],
  [505, { reason: "METHOD_NOT_ALLOWED", message: "this call needs HTTP/2" }],
]);

/** gRPC-Web carries its status inside the body and is left as it is. */
export async function describeErrors(
  response: UniversalServerResponse,
): Promise<UniversalServerResponse> {
  const { status, body, header, trailer } = response;
  const silent = SILENT.get(status);
  if (body === undefined && silent !== undefined) return refusalResponse(silent, status, header);
  if (body === undefined) return response;
  if (status !== 200 && header?.get("content-type") === contentTypeUnaryJson) {
    const answer = errorAnswer(withDetail(errorOfBody(await gather(body))));
    const described = new Headers(header);
    for (const [name, value] of Object.entries(answer.headers)) described.set(name, value);
    described.delete("content-encoding");
    return { status: answer.status, header: described, body: createAsyncIterable([answer.body]) };
  }
  if (trailer === undefined) return response;
  return { ...response, body: describeTrailer(body, trailer) };
}

function refusalResponse(
  { reason, message }: { reason: RefusalReason; message: string },
  status: number,
  header: Headers | undefined,
): UniversalServerResponse {
  const answer = errorAnswer(toConnectError(new Refusal(reason, { message })), status);
  const merged = new Headers(header);
  for (const [name, value] of Object.entries(answer.headers)) merged.set(name, value);
  return { status, header: merged, body: createAsyncIterable([answer.body]) };
}

async function* describeTrailer(body: AsyncIterable<Bytes>, trailer: Headers) {
  yield* body;
  const error = findTrailerError(trailer);
  if (error !== undefined) setTrailerStatus(trailer, withDetail(error));
}

async function gather(body: AsyncIterable<Bytes>): Promise<Bytes> {
  const chunks: Bytes[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
