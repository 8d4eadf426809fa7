/**
 * Joins Node's HTTP servers with Connect's handlers. Connect's own adapter answers 404, 405 and 415 with nothing,
 * writes to the console, waits for ever for a body and reads JSON leniently.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type {
  ConnectRouter,
  ConnectRouterOptions,
  ContextValues,
  Interceptor,
} from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse as WriteResponse,
} from "@connectrpc/connect-node";
import { universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { BodyTime } from "./body-time.ts";
import {
  describeErrors,
  FailureReporter,
  isCutOff,
  type OnFailure,
  trackProgress,
} from "./call-errors.ts";
import { type CallObserver, PAGE_CALL, PREFLIGHT_CALL, UNKNOWN_CALL } from "./call-observer.ts";
import type { CallTurns } from "./call-turns.ts";
import { countedAsOf } from "./caller.ts";
import { type CorsRule, preflightAnswer } from "./cors.ts";
import { CrowdedCalls, type CrowdedCallsParts } from "./crowded-calls.ts";
import { readContentType } from "./dialect.ts";
import { errorAnswer, isConnectError } from "./errors.ts";
import {
  cut,
  cutUnreadAnswer,
  type Exchange,
  endEarlyAnswers,
  isGone,
  refuse,
  write,
} from "./exchange.ts";
import type { HostRule } from "./host-rule.ts";
import { ROOM_IS_FULL } from "./order-room.ts";
import { PAGE_VERBS, type Page, pageAnswer } from "./page.ts";
import type { PlainPath } from "./plain-paths.ts";
import { receiveStream } from "./receive-call.ts";
import { Refusal } from "./refusal.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import type { RefusedCalls } from "./refused-calls.ts";
import { readTarget } from "./request-target.ts";
import { type ConnectRoute, collectRoutes, type ReceiverTable, type Route } from "./routes.ts";
import { RunningCalls } from "./running-calls.ts";
import { answerStream } from "./stream-call.ts";
import type { EventPath, StreamTable } from "./stream-service.ts";
import type { TransportLog } from "./transport-log.ts";
import { answerItself } from "./unary-call.ts";
import type { UnaryTable } from "./unary-service.ts";
import { type Incoming, prepareCall, type ReadBounds } from "./universal-call.ts";

export type HttpRequest = Parameters<typeof universalRequestFromNodeRequest>[0];
export type HttpResponse = Parameters<typeof WriteResponse>[1];
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => void;

export interface AdapterOptions extends ReadBounds {
  /** The calls that Connect answers; absent: none. */
  readonly routes?: (router: ConnectRouter) => void;
  /** Single calls that are answered here; absent: none. */
  readonly unary?: UnaryTable;
  /** Streams of answers that are given here; absent: none. */
  readonly streams?: StreamTable;
  /** Streams of messages that are read here; absent: none. */
  readonly receivers?: ReceiverTable;
  /** Paths of these streams as Server-Sent Events. */
  readonly eventPaths?: ReadonlyMap<string, EventPath>;
  readonly plainPaths: ReadonlyMap<string, PlainPath>;
  readonly interceptors?: readonly Interceptor[];
  /** By path. */
  readonly pages?: ReadonlyMap<string, Page>;
  /** The time a request has to bring its body; streams of requests are exempt. */
  readonly bodyTimeoutMs: number;
  /** The time in which the answer of a unary call must be read; by default `LIMITS.unreadAnswers.readMs`. */
  readonly answerReadMs?: number | undefined;
  readonly shutdownSignal: AbortSignal;
  readonly acceptCompression: NonNullable<ConnectRouterOptions["acceptCompression"]>;
  readonly compressMinBytes: number;
  /** The names that the listener answers to; absent: any. */
  readonly hosts?: HostRule;
  /** Web pages that may call; absent: none. */
  readonly cors?: CorsRule;
  /** Admits a call, the reader of a page or a preflight, or refuses it before its body is read. */
  readonly admit: (
    request: HttpRequest,
    wanted: Wanted,
  ) => Admission | Refusal | Promise<Admission | Refusal>;
  /** Absent: there is always room. */
  readonly crowded?: CrowdedCallsParts["crowded"];
  /** Counts the calls that are refused before they are admitted; may end their connection. Absent: nothing counts them. */
  readonly refused?: Pick<RefusedCalls, "count"> | undefined;
  /** Calls that come together begin in turns; absent where something else paces them. */
  readonly turns?: CallTurns;
  /** Told of each call's beginning and end; absent: nothing is. */
  readonly observer?: CallObserver | undefined;
  readonly log: TransportLog;
  readonly onFailure: OnFailure;
}

export interface PageName {
  readonly page: string;
}

export type Wanted = DescMethod | PageName | "preflight";

/** A call that is let in. */
export interface Admission {
  readonly values: ContextValues;
  /** SHA-256 of the one body that the call may have, as it is sent; absent: any. */
  readonly bodyDigest?: Digest | undefined;
  /** Absent where nothing can end the rights of a caller. */
  readonly rights?: CallerRights | undefined;
  /** Called once, when the call is over: with a result, or without one. */
  readonly end: (hasResult: boolean) => void;
}

/** The rights of a caller while its call lasts. */
export interface CallerRights {
  /** Milliseconds until they end, if nothing but time ends them; otherwise they are to be judged again and again. */
  readonly holdsMs: number | undefined;
  /** The refusal if they do not hold any more. */
  readonly recheck: () => Promise<Refusal | undefined>;
}

interface Listening extends AdapterOptions {
  readonly table: ReadonlyMap<string, Route>;
  readonly running: RunningCalls;
  readonly failures: FailureReporter;
}

interface FoundPage {
  readonly page: Page;
  readonly path: string;
}

export function createHttpHandler(options: AdapterOptions): HttpHandler {
  const failures = new FailureReporter(options.onFailure);
  const table = collectRoutes(options, failures);
  const running = new RunningCalls(options.shutdownSignal);
  const listening = { ...options, failures, table, running };
  const crowded = new CrowdedCalls(listening);
  return (request, response) => {
    if (crowded.refuses(request)) return;
    response.on("error", (error: Error) => {
      options.log.debug({ error: error.message }, "an answer was cut off");
    });
    const type = readContentType(request.headers["content-type"] ?? "");
    const progress = { begun: false, outcome: "OK", call: UNKNOWN_CALL, isStream: false } as const;
    const exchange = { request, response, type, progress: { ...progress }, reading: listening };
    observe(listening, exchange);
    options.cors?.mark(request, response);
    respond(listening, exchange).catch((error: unknown) => fail(listening, exchange, error));
  };
}

/** The call is over when its answer is, or when its caller is gone. */
function observe({ observer }: Listening, { response, progress }: Exchange): void {
  if (observer === undefined) return;
  const begunAt = observer.now();
  observer.began();
  response.once("close", () => {
    const { call, isStream } = progress;
    const isCut = progress.outcome === "OK" && !response.writableEnded;
    const outcome = isCut ? "CANCELED" : progress.outcome;
    observer.ended({ call, outcome, durationMs: observer.now() - begunAt, isStream });
  });
}

/** A caller that leaves in the middle of a call gets no answer; any other error is this program's own failure. */
function fail({ log, failures }: Listening, exchange: Exchange, error: unknown): void {
  const { request, response, progress } = exchange;
  if (isCutOff(error) || (isGone(request) && isConnectError(error))) {
    log.debug({ error: error.message }, "a call was cut off");
    progress.outcome = "CANCELED";
    return;
  }
  progress.outcome = "INTERNAL";
  const told = failures.report(error);
  if (!response.headersSent) write(exchange, errorAnswer(told));
  else cut(request);
}

async function respond(listening: Listening, exchange: Exchange): Promise<void> {
  const { request, response, type, progress } = exchange;
  endEarlyAnswers(request);
  const verb = request.method ?? "";
  const found = findRoute(listening, exchange);
  const isStream = "route" in found && found.route.readsStream;
  const time = isStream ? undefined : startBodyTime(listening, exchange);
  if (found instanceof Refusal) return refuseAtDoor(listening, exchange, found);
  if ("page" in found) return await showPage(listening, exchange, found);
  const { route, query } = found;
  if (listening.cors?.isPreflight(request) === true) return await allow(listening, exchange, route);
  progress.call = route.method.name;
  progress.isStream = route.method.methodKind !== "unary";
  if (!route.verbs.includes(verb)) return refuseVerb(listening, exchange, route.verbs);
  const admitted = await admit(listening, exchange, route.method);
  if (admitted instanceof Refusal) return refuseAtDoor(listening, exchange, admitted);
  const turn = listening.turns?.begin(countedAsOf(admitted));
  if (turn instanceof Refusal) return refuse(exchange, turn);
  await turn;
  if (isGone(request)) return;
  const { values, bodyDigest, rights } = admitted;
  const incoming = { request, response, type, query, values, bodyDigest, time };
  if ("stream" in route) {
    return await answerStream(listening, exchange, { ...incoming, route, rights });
  }
  if ("receiver" in route) return await receiveStream(listening, exchange, { ...incoming, route });
  if ("call" in route) return await answerItself(listening, exchange, { ...incoming, route });
  await answerByConnect(listening, exchange, { ...incoming, route });
}

async function answerByConnect(
  listening: Listening,
  exchange: Exchange,
  incoming: Incoming<ConnectRoute>,
): Promise<void> {
  const { response, progress } = exchange;
  const { route, values } = incoming;
  trackProgress(values, progress);
  const call = await prepareCall(incoming, listening);
  if (call instanceof Refusal) return refuse(exchange, call);
  const answer = await route.handler(call);
  const state = { failures: listening.failures, progress, signal: call.signal };
  const described = await describeErrors(answer, state);
  if (route.method.methodKind === "unary") cutUnreadAnswer(exchange);
  await universalResponseToNodeResponse(cutIfUnread(described, exchange), response);
}

/** A stream lasts as long as its sides like, but its end must be read in time. */
function cutIfUnread(answer: UniversalServerResponse, exchange: Exchange): UniversalServerResponse {
  const { body } = answer;
  if (body === undefined || !exchange.progress.isStream) return answer;
  return { ...answer, body: untilEnd(body, () => cutUnreadAnswer(exchange)) };
}

async function* untilEnd(body: AsyncIterable<Bytes>, ended: () => void): AsyncGenerator<Bytes> {
  try {
    yield* body;
  } finally {
    ended();
  }
}

/** The caller may have gone before it is let in. */
async function admit(
  listening: Listening,
  { request, response, progress }: Exchange,
  wanted: Wanted,
): Promise<Admission | Refusal> {
  let isOver = false;
  let end: Admission["end"] = () => undefined;
  response.once("close", () => {
    isOver = true;
    end(progress.outcome === "OK" && response.writableEnded);
  });
  const admitted = await listening.admit(request, wanted);
  if (admitted instanceof Refusal) return admitted;
  end = admitted.end;
  if (isOver) end(false);
  return admitted;
}

function findRoute(
  { table, hosts, pages }: Listening,
  { request }: Exchange,
): { readonly route: Route; readonly query: string } | FoundPage | Refusal {
  const target = readTarget(request, hosts);
  if (target instanceof Refusal) return target;
  const page = pages?.get(target.path);
  if (page !== undefined) return { page, path: target.path };
  const route = table.get(target.path);
  if (route !== undefined) return { route, query: target.query };
  return new Refusal("UNKNOWN_PATH", { message: "there is no such path" });
}

/** Pages read no body, so a connection on which one comes ends with the answer. */
async function showPage(
  listening: Listening,
  exchange: Exchange,
  { page, path }: FoundPage,
): Promise<void> {
  const { request } = exchange;
  exchange.progress.call = PAGE_CALL;
  const verb = request.method ?? "";
  if (!PAGE_VERBS.includes(verb)) return refuseVerb(listening, exchange, PAGE_VERBS);
  const admitted = await admit(listening, exchange, { page: path });
  if (admitted instanceof Refusal) return refuseAtDoor(listening, exchange, admitted);
  const { headers, ...answer } = await pageAnswer(page, verb, request.headers);
  const hasBody = "content-length" in request.headers || "transfer-encoding" in request.headers;
  const isLast = hasBody && !("stream" in request);
  write(exchange, { ...answer, headers: isLast ? { ...headers, connection: "close" } : headers });
}

/** Tells a browser that a page may make this call, or that it asks too often. */
async function allow(listening: Listening, exchange: Exchange, route: Route): Promise<void> {
  exchange.progress.call = PREFLIGHT_CALL;
  const admitted = await admit(listening, exchange, "preflight");
  if (admitted instanceof Refusal) return refuseAtDoor(listening, exchange, admitted);
  write(exchange, preflightAnswer(route.verbs));
}

/** A refusal that only HTTP has: gRPC knows no verb but POST. */
function refuseVerb(listening: Listening, exchange: Exchange, verbs: readonly string[]): void {
  const allow = verbs.join(", ");
  const message = `${exchange.request.method ?? ""} is not allowed here; use ${allow}`;
  exchange.progress.outcome = "METHOD_NOT_ALLOWED";
  if (isCutAtDoor(listening, exchange)) return;
  const answer = refusalAnswer(new Refusal("METHOD_NOT_ALLOWED", { message }), undefined);
  write(exchange, { ...answer, headers: { ...answer.headers, allow } });
}

/** Refuses a call that no rate has counted. */
function refuseAtDoor(listening: Listening, exchange: Exchange, refusal: Refusal): void {
  exchange.progress.outcome = refusal.reason;
  if (refusal === ROOM_IS_FULL || !isCutAtDoor(listening, exchange)) refuse(exchange, refusal);
}

/** Counts a refused call; true if its connection is over, so that nothing can be answered. */
function isCutAtDoor({ refused }: Listening, { request }: Exchange): boolean {
  if (!isGone(request)) refused?.count(request);
  return isGone(request);
}

/** Nothing else ends a request that brings its headers and half a body. */
function startBodyTime(
  { bodyTimeoutMs, log }: Listening,
  { request, response, progress }: Exchange,
): BodyTime {
  const time = new BodyTime(bodyTimeoutMs, () => {
    // Not the target, which a caller may have put a token in.
    log.info({ call: progress.call }, "a body came too slowly");
    if (response.headersSent) cut(request);
  });
  const end = () => time.end();
  request.once("end", end).once("close", end);
  return time;
}
