/**
 * Joins Node's HTTP servers with Connect's handlers. Connect's own adapter answers 404, 405 and 415 with nothing,
 * writes to the console, waits for ever for a body and reads JSON leniently.
 */
import { constants } from "node:http2";
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  type ConnectRouterOptions,
  type ContextValues,
  createConnectRouter,
  createContextValues,
} from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { refuseCall, requireTakenOn } from "./caller.ts";
import { countedBody, isBare } from "./counted-body.ts";
import { describeErrors } from "./error-details.ts";
import { type ErrorAnswer, errorAnswer, toConnectError } from "./errors.ts";
import { isCutOff, reportFailures } from "./failures.ts";
import { checkJsonBody, checkJsonQuery, kindOfBody } from "./json-request.ts";
import type { TransportLog } from "./log.ts";
import type { PlainPath } from "./plain-paths.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";
import { startTimer } from "./timers.ts";

export type NodeRequest = Parameters<typeof universalRequestFromNodeRequest>[0];
export type NodeResponse = Parameters<typeof universalResponseToNodeResponse>[1];
export type NodeHandler = (request: NodeRequest, response: NodeResponse) => void;

export interface AdapterOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly plainPaths: ReadonlyMap<string, PlainPath>;
  /** Whether JSON is read at all. */
  readonly json: boolean;
  readonly messageBytesMax: number;
  /** Fields of a binary message, counted before it is decoded; absent where no message is large. */
  readonly messageFieldsMax?: number;
  /** How long a request may take to bring its body; streams of requests are exempt. */
  readonly bodyTimeoutMs: number;
  /** How long the answer of a unary call may take to be read; by default `LIMITS.unreadAnswers.readMs`. */
  readonly answerReadMs?: number | undefined;
  readonly shutdownSignal: AbortSignal;
  readonly acceptCompression: NonNullable<ConnectRouterOptions["acceptCompression"]>;
  readonly compressMinBytes: number;
  readonly requestGate?: NonNullable<ConnectRouterOptions["requestGate"]>;
  readonly contextValues?: (request: NodeRequest) => ContextValues;
  /** Takes a call on, or refuses it before its body is read; what it gives back is called when the call is over. */
  readonly takeOn?: (request: NodeRequest) => Refusal | (() => void) | undefined;
  readonly log: TransportLog;
  /** Told of errors that are no refusals: the program failed. */
  readonly onFailure: (error: unknown) => void;
}

/** Where a path leads. */
interface Route {
  readonly handler: UniversalHandler;
  readonly verbs: readonly string[];
  /** A plain path: JSON only. */
  readonly plain: boolean;
}

interface Exchange {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** The query, without its question mark. */
  readonly query: string;
}

export function createNodeHandler(options: AdapterOptions): NodeHandler {
  const routes = collectRoutes(options);
  return (request, response) => {
    response.on("error", (error: Error) => {
      options.log.debug({ error: error.message }, "an answer was cut off");
    });
    const [path = "", query = ""] = (request.url ?? "").split("?", 2);
    const route = routes.get(path);
    respond(options, route, { request, response, query }).catch((error: unknown) => {
      // Whoever leaves in the middle of a call is told nothing; anything else is our own failure.
      if (isCutOff(error)) options.log.debug({ error: error.message }, "a call was cut off");
      else options.onFailure(error);
    });
  };
}

function collectRoutes(options: AdapterOptions): ReadonlyMap<string, Route> {
  const router = createConnectRouter({
    acceptCompression: options.acceptCompression,
    compressMinBytes: options.compressMinBytes,
    readMaxBytes: options.messageBytesMax,
    shutdownSignal: options.shutdownSignal,
    jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: false },
    interceptors: [reportFailures(options.onFailure)],
    requestGate: (context) => {
      requireTakenOn(context);
      return options.requestGate?.(context);
    },
  });
  options.routes(router);
  const routes = new Map<string, Route>();
  const byMethod = new Map<DescMethod, UniversalHandler>();
  for (const handler of router.handlers) {
    routes.set(handler.requestPath, { handler, verbs: handler.allowedMethods, plain: false });
    byMethod.set(handler.method, handler);
  }
  for (const [path, { verb, rpc }] of options.plainPaths) {
    const handler = byMethod.get(rpc);
    if (handler !== undefined) routes.set(path, { handler, verbs: [verb], plain: true });
  }
  return routes;
}

async function respond(
  options: AdapterOptions,
  route: Route | undefined,
  exchange: Exchange,
): Promise<void> {
  const { request, response } = exchange;
  if (route === undefined) return write(response, refuse("UNKNOWN_PATH", "no such path", 404));
  const { methodKind } = route.handler.method;
  const isStream = methodKind === "client_streaming" || methodKind === "bidi_streaming";
  if (!isStream) cutSlowBody(request, options);
  endEarlyAnswers(request);
  const prepared = await prepare(options, route, exchange);
  if ("headers" in prepared) return write(response, prepared);
  const answer = await describeErrors(await route.handler(prepared));
  if (methodKind === "unary") cutUnreadAnswer(exchange, options);
  await universalResponseToNodeResponse(answer, response);
}

/** The request as Connect may see it, or the answer that it never gets so far. */
async function prepare(
  options: AdapterOptions,
  route: Route,
  { request, response, query }: Exchange,
): Promise<UniversalServerRequest | ErrorAnswer> {
  const verb = request.method ?? "";
  const allow = route.verbs.join(", ");
  if (!route.verbs.includes(verb)) {
    const answer = refuse("METHOD_NOT_ALLOWED", `${verb} is not taken here, but ${allow}`, 405);
    return { ...answer, headers: { ...answer.headers, allow } };
  }
  const kind = kindOfBody(request.headers["content-type"] ?? "");
  const values = options.contextValues?.(request) ?? createContextValues();
  const taken = options.takeOn?.(request);
  if (taken instanceof Refusal) {
    if (verb === "GET" || kind === "json") return errorAnswer(toConnectError(taken));
    refuseCall(values, taken);
  } else if (taken !== undefined) response.once("close", taken);
  let call: UniversalServerRequest;
  try {
    call = universalRequestFromNodeRequest(request, response, undefined, values);
  } catch {
    return refuse("MALFORMED", "the request names no host");
  }
  const { input } = route.handler.method;
  if (verb === "GET") return prepareGet(route, call, query);
  const readable = kind === "json" ? options.json : kind === "other" && !route.plain;
  if (!readable) {
    const reason = "UNSUPPORTED_MEDIA_TYPE";
    const type = request.headers["content-type"] ?? "none";
    return refuse(reason, `the content-type ${type} is not read here`, 415);
  }
  if (kind === "other") return countFields(call, input, options);
  const checked = await checkJsonBody(call, input, options.messageBytesMax);
  return checked instanceof Refusal ? errorAnswer(toConnectError(checked)) : checked;
}

/** A body that ends with a refusal before a message is decoded that would be large in memory. */
function countFields(
  call: UniversalServerRequest,
  message: DescMessage,
  { messageFieldsMax: fieldsMax }: AdapterOptions,
): UniversalServerRequest {
  const contentType = call.header.get("content-type") ?? "";
  const packing = call.header.get("content-encoding") ?? "identity";
  const isPacked = isBare(contentType) && packing !== "identity";
  if (fieldsMax === undefined || isPacked) return call;
  const chunks = call.body as AsyncIterable<Bytes>;
  return {
    ...call,
    body: countedBody(chunks, contentType, { message, fieldsMax }, toConnectError),
  };
}

function prepareGet(
  route: Route,
  call: UniversalServerRequest,
  query: string,
): UniversalServerRequest | ErrorAnswer {
  if (route.plain) {
    if (query !== "") return refuse("MALFORMED", "this path takes no query");
    return { ...call, url: `${call.url}?encoding=json&message=%7B%7D` };
  }
  const parameters = new URL(call.url).searchParams;
  if (parameters.get("encoding") !== "json") return call;
  const refusal = checkJsonQuery(parameters, route.handler.method.input);
  return refusal === undefined ? call : errorAnswer(toConnectError(refusal));
}

/** Nothing else ends a request that brings its headers and half a body. */
function cutSlowBody(request: NodeRequest, { bodyTimeoutMs, log }: AdapterOptions): void {
  const stop = startTimer(bodyTimeoutMs, () => {
    log.info({ path: request.url }, "a body came too slowly");
    cutOff(request);
  });
  request.once("end", stop).once("close", stop);
}

/** The memory of an answer is given back even if its caller never reads it. */
function cutUnreadAnswer(
  { request, response }: Exchange,
  { answerReadMs = LIMITS.unreadAnswers.readMs, log }: AdapterOptions,
): void {
  const stop = startTimer(answerReadMs, () => {
    log.debug({ path: request.url }, "an answer was not read in time");
    cutOff(request);
  });
  response.once("close", stop);
}

function cutOff(request: NodeRequest): void {
  if ("stream" in request) request.stream.close(constants.NGHTTP2_CANCEL);
  else request.destroy();
}

/** An answer given before the whole request was read ends an HTTP/2 stream (RFC 9113 section 8.1). */
function endEarlyAnswers(request: NodeRequest): void {
  if (!("stream" in request)) return;
  const { stream } = request;
  // Its body is out, and its trailers when this turn is over. Not the response's finish: that comes only when the
  // stream ends, request and all.
  stream.once("wantTrailers", () => {
    setImmediate(() => {
      if (!stream.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
    });
  });
}

function refuse(reason: RefusalReason, message: string, status?: number): ErrorAnswer {
  return errorAnswer(toConnectError(new Refusal(reason, { message })), status);
}

function write(response: NodeResponse, answer: ErrorAnswer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}
