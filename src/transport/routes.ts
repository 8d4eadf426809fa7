/** The table of a listener's paths: its own calls and Connect's handlers, under their names and under plain ones. */
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  type ConnectRouter,
  type ConnectRouterOptions,
  createConnectRouter,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { assert } from "../primitives/assert.ts";
import type { FailureReporter } from "./call-errors.ts";
import type { PlainPath } from "./plain-paths.ts";
import type { OpenReceiver } from "./receive-call.ts";
import type { AnyStreamCall, EventPath, StreamTable } from "./stream-service.ts";
import type { AnyUnaryCall, UnaryTable } from "./unary-service.ts";

interface PathRoute {
  readonly method: DescMethod;
  readonly verbs: readonly string[];
  /** A plain path: JSON only. */
  readonly plain: boolean;
}

/** A call that Connect answers. */
export interface ConnectRoute extends PathRoute {
  readonly handler: UniversalHandler;
  /** Its requests are streams. */
  readonly readsStream: boolean;
}

/** A single call that the listener answers itself. */
export interface OwnRoute extends PathRoute {
  readonly call: AnyUnaryCall;
  readonly readsStream: false;
}

/** A stream of answers that the listener gives itself. */
export interface StreamRoute extends PathRoute {
  readonly stream: AnyStreamCall;
  readonly readsStream: false;
  /** As Server-Sent Events; absent: in the protocol of the request. */
  readonly events?: EventPath;
}

/** A stream of messages that the listener reads itself. */
export interface ReceiverRoute extends PathRoute {
  readonly receiver: OpenReceiver;
  readonly readsStream: true;
}

/** Where a path leads. */
export type Route = ConnectRoute | OwnRoute | StreamRoute | ReceiverRoute;

/** Streams of messages with one answer at the end, by method. */
export type ReceiverTable = ReadonlyMap<DescMethod, OpenReceiver>;

export interface RouteOptions {
  /** The calls that Connect answers; absent: none. */
  readonly routes?: (router: ConnectRouter) => void;
  /** Single calls that the listener answers itself, which costs a fraction of what Connect takes; absent: none. */
  readonly unary?: UnaryTable;
  /** Streams of answers that the listener gives itself; absent: none. */
  readonly streams?: StreamTable;
  /** Streams of messages that the listener reads itself; absent: none. */
  readonly receivers?: ReceiverTable;
  /** Paths of these streams as Server-Sent Events. */
  readonly eventPaths?: ReadonlyMap<string, EventPath>;
  readonly plainPaths: ReadonlyMap<string, PlainPath>;
  /** Around every handler; what they throw is a failure of this program. */
  readonly interceptors?: readonly Interceptor[];
  readonly messageBytesMax: number;
  readonly shutdownSignal: AbortSignal;
  readonly acceptCompression: NonNullable<ConnectRouterOptions["acceptCompression"]>;
  readonly compressMinBytes: number;
}

export function collectRoutes(
  options: RouteOptions,
  failures: FailureReporter,
): ReadonlyMap<string, Route> {
  const router = createConnectRouter({
    acceptCompression: options.acceptCompression,
    compressMinBytes: options.compressMinBytes,
    readMaxBytes: options.messageBytesMax,
    shutdownSignal: options.shutdownSignal,
    jsonOptions: { alwaysEmitImplicit: true, ignoreUnknownFields: false },
    interceptors: [failures.interceptor(), ...(options.interceptors ?? [])],
  });
  options.routes?.(router);
  const routes = new Map<string, Route>();
  const byMethod = new Map<DescMethod, Route>();
  const add = (path: string, route: Route): void => {
    routes.set(path, route);
    byMethod.set(route.method, route);
  };
  for (const handler of router.handlers) {
    const { method } = handler;
    const { methodKind } = method;
    const readsStream = methodKind === "client_streaming" || methodKind === "bidi_streaming";
    const verbs = handler.allowedMethods;
    add(handler.requestPath, { method, handler, verbs, plain: false, readsStream });
  }
  for (const [method, call] of options.unary ?? []) {
    const verbs = verbsOf(method);
    add(pathOf(method), { method, call, verbs, plain: false, readsStream: false });
  }
  for (const [method, stream] of options.streams ?? []) {
    add(pathOf(method), { method, stream, verbs: ["POST"], plain: false, readsStream: false });
  }
  for (const [method, receiver] of options.receivers ?? []) {
    add(pathOf(method), { method, receiver, verbs: ["POST"], plain: false, readsStream: true });
  }
  for (const [path, events] of options.eventPaths ?? []) {
    const { rpc: method } = events;
    const stream = options.streams?.get(method);
    assert(stream !== undefined, `${path} is of a stream that is served`);
    const route = {
      method,
      stream,
      events,
      verbs: ["GET"],
      plain: true,
      readsStream: false,
    } as const;
    routes.set(path, route);
  }
  for (const [path, { verb, rpc }] of options.plainPaths) {
    const route = byMethod.get(rpc);
    if (route !== undefined) routes.set(path, { ...route, verbs: [verb], plain: true });
  }
  return routes;
}

/** The path of a call in every protocol. */
function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

/** Connect's protocol has GET for calls without side effects. */
function verbsOf({ idempotency }: DescMethod): readonly string[] {
  return idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS
    ? ["POST", "GET"]
    : ["POST"];
}
