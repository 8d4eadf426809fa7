/** The table of a listener's paths: Connect's handlers under their own names and under plain ones. */
import type { DescMethod } from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  type ConnectRouterOptions,
  createConnectRouter,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { FailureReporter } from "./call-errors.ts";
import type { PlainPath } from "./plain-paths.ts";

/** Where a path leads. */
export interface Route {
  readonly handler: UniversalHandler;
  readonly verbs: readonly string[];
  /** A plain path: JSON only. */
  readonly plain: boolean;
  /** Its requests are streams. */
  readonly readsStream: boolean;
}

export interface RouteOptions {
  readonly routes: (router: ConnectRouter) => void;
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
  options.routes(router);
  const routes = new Map<string, Route>();
  const byMethod = new Map<DescMethod, Route>();
  for (const handler of router.handlers) {
    const { methodKind } = handler.method;
    const readsStream = methodKind === "client_streaming" || methodKind === "bidi_streaming";
    const route = { handler, verbs: handler.allowedMethods, plain: false, readsStream };
    routes.set(handler.requestPath, route);
    byMethod.set(handler.method, route);
  }
  for (const [path, { verb, rpc }] of options.plainPaths) {
    const route = byMethod.get(rpc);
    if (route !== undefined) routes.set(path, { ...route, verbs: [verb], plain: true });
  }
  return routes;
}
