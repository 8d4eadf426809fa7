/** A request in the form that Connect may see: plain headers, and its one message read, checked and unpacked. */
import type { ContextValues } from "@connectrpc/connect";
import { createAsyncIterable, type UniversalServerRequest } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import { type Bytes, concatBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { BodyTime } from "./body-time.ts";
import { countedBody } from "./bounded-body.ts";
import { acceptedCodings, type Coding, readCoding } from "./compression.ts";
import { boundDeadline } from "./deadline-header.ts";
import { type ContentType, codingHeadersOf, type Dialect, hasEnvelopes } from "./dialect.ts";
import { toConnectError } from "./errors.ts";
import { checkQuery } from "./get-query.ts";
import type { HttpRequest, HttpResponse } from "./http-adapter.ts";
import { parseWeighted } from "./http-grammar.ts";
import { Refusal } from "./refusal.ts";
import { envelopeHead } from "./refusal-answer.ts";
import type { ConnectRoute, Route } from "./routes.ts";
import { readUnaryBody } from "./unary-body.ts";

/** Bounds on the requests that a listener reads. */
export interface ReadBounds {
  /** True if JSON is accepted. */
  readonly json: boolean;
  /** The codings that can be read. */
  readonly codings: readonly Coding[];
  /** The size limits of a stream's message and of a single call's. */
  readonly messageBytesMax: number;
  readonly questionBytesMax: number;
  /** The most fields of a binary message, counted before it is decoded; absent if no message is large. */
  readonly messageFieldsMax?: number;
}

export interface Incoming<Leading extends Route = Route> {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly type: ContentType;
  readonly route: Leading;
  readonly query: string;
  readonly values: ContextValues;
  /** SHA-256 that the body must have, as it is sent; absent: any. */
  readonly bodyDigest: Digest | undefined;
  /** The time of the body; a stream of messages has none. */
  readonly time: BodyTime | undefined;
}

export async function prepareCall(
  incoming: Incoming<ConnectRoute>,
  bounds: ReadBounds,
): Promise<UniversalServerRequest | Refusal> {
  const { request, route, bodyDigest } = incoming;
  // A digest says nothing of a query, and nothing of a stream before its end.
  const isWhole = request.method !== "GET" && !route.readsStream;
  if (bodyDigest !== undefined && !isWhole) return notWhole();
  if (request.method === "GET") return prepareGet(incoming, bounds);
  const dialect = dialectOf(incoming, bounds);
  if (dialect instanceof Refusal) return dialect;
  const call = universalOf(incoming, dialect, bounds);
  if (call instanceof Refusal) return call;
  if (route.readsStream) return prepareStream(call, incoming, dialect, bounds);
  const header = codingHeadersOf(dialect).request;
  const value = call.header.get(header) ?? undefined;
  const coding = readCoding({ name: header, value }, bounds.codings);
  if (coding instanceof Refusal) return coding;
  const form = { dialect, coding, bodyDigest, ...formOf(incoming, bounds) };
  const checked = await readUnaryBody(request, form, incoming.time);
  if (checked instanceof Refusal) return checked;
  const { bytes } = checked;
  const body = hasEnvelopes(dialect) ? concatBytes(envelopeHead(0, bytes.length), bytes) : bytes;
  call.header.delete(header);
  call.header.set("content-length", String(body.length));
  return { ...call, body: createAsyncIterable([body]) };
}

/** The protocol, if its bodies can be read here. */
export function dialectOf(
  { type, route, request }: Incoming,
  { json }: ReadBounds,
): Dialect | Refusal {
  const { dialect, isRead } = type;
  const isUnary = route.method.methodKind === "unary";
  const isPlainFit = !route.plain || dialect === "json";
  const isFit = dialect !== undefined && (isUnary ? dialect !== "connect" : hasEnvelopes(dialect));
  if (isRead && isFit && isPlainFit && (json || dialect !== "json")) return dialect;
  const given = request.headers["content-type"] ?? "none";
  const message = `the content-type ${given} is not supported`;
  return new Refusal("UNSUPPORTED_MEDIA_TYPE", { message, field: "content-type" });
}

/** The request with headers in the form that Connect expects. */
function universalOf(
  { request, response, route, type, values }: Incoming<ConnectRoute>,
  dialect: Dialect,
  { codings }: ReadBounds,
): UniversalServerRequest | Refusal {
  const unacceptable = checkAccept(request, dialect);
  if (unacceptable !== undefined) return unacceptable;
  // Connect builds a URL from these, which fails for the IPv6 host that Node's client sends; both were checked
  // before.
  request.url = route.handler.requestPath;
  request.headers.host = "localhost";
  if ("stream" in request) request.headers[":authority"] = "localhost";
  const call = universalRequestFromNodeRequest(request, response, undefined, values);
  const header = new Headers(call.header);
  // It describes a body (RFC 9110 section 8.3), which a GET has not; Connect would judge it, and refuse without a reason.
  if (request.method === "GET") header.delete("content-type");
  else header.set("content-type", type.name);
  const { request: sent, accept } = codingHeadersOf(dialect);
  const accepted = header.get(accept) ?? header.get(sent);
  if (accepted !== null)
    header.set(accept, [...acceptedCodings(accepted, codings), "identity"].join(", "));
  const refusal = boundDeadline(header, dialect);
  return refusal ?? { ...call, header };
}

/** Connect reads its messages one after the other. */
function prepareStream(
  call: UniversalServerRequest,
  { route }: Incoming,
  dialect: Dialect,
  { messageFieldsMax: fieldsMax, codings }: ReadBounds,
): UniversalServerRequest | Refusal {
  const header = codingHeadersOf(dialect).request;
  const coding = readCoding({ name: header, value: call.header.get(header) ?? undefined }, codings);
  if (coding instanceof Refusal) return coding;
  if (coding === undefined) call.header.delete(header);
  else call.header.set(header, coding);
  if (fieldsMax === undefined) return call;
  const contentType = call.header.get("content-type") ?? "";
  const counted = { message: route.method.input, fieldsMax };
  const chunks = call.body as AsyncIterable<Bytes>;
  return { ...call, body: countedBody(chunks, contentType, counted, toConnectError) };
}

async function prepareGet(
  incoming: Incoming<ConnectRoute>,
  bounds: ReadBounds,
): Promise<UniversalServerRequest | Refusal> {
  const { route, query } = incoming;
  const isJson = route.plain || new URLSearchParams(query).get("encoding") !== "proto";
  const call = universalOf(incoming, isJson ? "json" : "proto", bounds);
  if (call instanceof Refusal) return call;
  if (route.plain) {
    if (query === "") return { ...call, url: `${call.url}?encoding=json&message=%7B%7D` };
    return notPlain();
  }
  const checked = await checkQuery(query, formOf(incoming, bounds), bounds.codings);
  return checked instanceof Refusal ? checked : { ...call, url: `${call.url}?${checked}` };
}

export function notPlain(): Refusal {
  return new Refusal("MALFORMED", { message: "this path takes no query", field: "query" });
}

export function notWhole(): Refusal {
  return new Refusal("UNAUTHENTICATED", {
    message: "a signed request is a POST with its one message in the body",
    field: "authorization",
    remedy: "Send the message as the body of a POST, and sign its digest (docs/signing.md).",
  });
}

export function formOf({ route }: Incoming, { questionBytesMax, messageFieldsMax }: ReadBounds) {
  const { input } = route.method;
  return { input, bytesMax: questionBytesMax, fieldsMax: messageFieldsMax };
}

export function checkAccept({ headers }: HttpRequest, dialect: Dialect): Refusal | undefined {
  if (dialect !== "json" || takesJson(headers.accept)) return undefined;
  const message = "the answer is JSON, which the header accept does not take";
  return new Refusal("NOT_ACCEPTABLE", { message, field: "accept" });
}

/** RFC 9110 section 12.5.1; a header that cannot be read counts as none. */
function takesJson(accept: string | undefined): boolean {
  const members = parseWeighted(accept ?? "", "types") ?? [];
  if (members.length === 0) return true;
  const best = ["application/json", "application/*", "*/*"]
    .map((range) => members.find(({ name }) => name === range))
    .find((one) => one !== undefined);
  return (best?.weight ?? 0) > 0;
}
