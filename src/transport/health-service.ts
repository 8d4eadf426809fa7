/**
 * grpc.health.v1, which load balancers and orchestrators query. A service is SERVING while the node is ready
 * (GetStatus says why it is not), until the listener begins to close. One further name is for alarms and not for
 * traffic: it is SERVING while the network also tolerates as many failures as it promises.
 */
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { countedAsOf } from "./caller.ts";
import { orThrow } from "./errors.ts";
import { Refusal } from "./refusal.ts";
import { startTimer } from "./timers.ts";
import type { UnaryCalls } from "./unary-service.ts";

/** The name of no service in a contract, so nothing can be called under it. */
export const TOLERANCE_NAME = "countersign.fault-tolerance";

export interface HealthParts {
  /** True if the node takes orders. */
  readonly isReady: () => boolean;
  /** True if the network tolerates as many failures as it promises, as far as this node knows. */
  readonly isTolerant: () => boolean;
  /** Full names of the services that follow the node's readiness; "" stands for all of them. */
  readonly services: readonly string[];
  /** Aborted when the listener begins to close. */
  readonly closing: AbortSignal;
  /** The interval at which watchers look, milliseconds. */
  readonly watchMs: number;
}

/** The single calls, and the stream. */
type HealthCalls = Pick<UnaryCalls<typeof Health>, "check" | "list"> &
  Pick<ServiceImpl<typeof Health>, "watch">;

type Status =
  (typeof HealthCheckResponse_ServingStatus)[keyof typeof HealthCheckResponse_ServingStatus];

export function createHealthService(parts: HealthParts): HealthCalls {
  const { isReady, isTolerant, closing } = parts;
  const names = ["", ...parts.services, TOLERANCE_NAME];
  const known = (service: string) => names.includes(service);
  const now = (service: string): Status => {
    const isGood = isReady() && (service !== TOLERANCE_NAME || isTolerant());
    return isGood && !closing.aborted
      ? HealthCheckResponse_ServingStatus.SERVING
      : HealthCheckResponse_ServingStatus.NOT_SERVING;
  };
  return {
    check: ({ service }) => (known(service) ? { status: now(service) } : unknownService(service)),
    list: () => ({
      statuses: Object.fromEntries(names.map((name) => [name, { status: now(name) }])),
    }),
    // A later version may serve a name that is unknown today, so the protocol requires no error here.
    watch: watchWith(parts, (service) =>
      known(service) ? now(service) : HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN,
    ),
  };
}

/** Tells the status at once, and each other one when it is seen. */
function watchWith(
  { closing, watchMs }: HealthParts,
  statusOf: (service: string) => Status,
): HealthCalls["watch"] {
  const watchers = new KeyCounts<string>();
  return async function* watch({ service }, context) {
    const caller = countedAsOf(context);
    if (watchers.total >= LIMITS.healthWatchersMax) orThrow(tooMany("this node has"));
    if (!watchers.addBelow(LIMITS.healthWatchersPerCallerMax, caller)) {
      orThrow(tooMany("this caller has"));
    }
    try {
      let told: Status | undefined;
      while (!context.signal.aborted || closing.aborted) {
        const status = statusOf(service);
        if (status !== told) yield { status };
        told = status;
        if (closing.aborted) break;
        await changeOrPause(watchMs, [context.signal, closing]);
      }
      if (context.signal.aborted) throw context.signal.reason;
    } finally {
      watchers.add(caller, -1);
    }
  };
}

/** Readiness depends on links, ceremony and tip; looking now and then is cheaper than subscribing to all of them. */
function changeOrPause(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = startTimer(ms, done);
    for (const signal of signals) {
      if (signal.aborted) return done();
      signal.addEventListener("abort", done);
    }
  });
}

function unknownService(service: string): Refusal {
  return new Refusal("NOT_FOUND", {
    message: `no service is named ${JSON.stringify(service)}`,
    field: "service",
    remedy: "Ask for the empty name, or for one that List or server reflection shows.",
  });
}

function tooMany(whose: string): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message: `${whose} as many health watchers as this node accepts`,
    metadata: { retryAfterMs: "10000" },
  });
}
