/** The state of the node and its network as the page sees it, looked at every two seconds while the reader can see the page. */
import {
  CeremonyStatus,
  type GetNetworkResponse,
  type GetStatusResponse,
} from "../gen/countersign/v1/ledger_service_pb.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { Calls } from "./session.ts";

export interface Snapshot {
  readonly network?: GetNetworkResponse | undefined;
  /** With the peers and the throughput. */
  readonly status?: GetStatusResponse | undefined;
  /** Why the last look failed; the rest is what was seen before. */
  readonly problem?: Problem | undefined;
  /** When the node last answered, and when its height last grew while operations waited; milliseconds of the page's own clock. */
  readonly heardAt: number;
  readonly movedAt: number;
}

/** A look costs a reader's machine more than the node: a call, and drawing what has changed. */
const LOOK_MS = 2_000;
const LOOK_MS_MAX = 10_000;
/** A node that answers slowly has other things to do: looks take at most a twentieth of the time. */
const WAIT_FACTOR = 20;
/** Once there is a key, the network's rules change no more. */
const NETWORK_MS = 60_000;
const NOTHING: Snapshot = { heardAt: 0, movedAt: 0 };

export class NodeWatch {
  readonly #calls: Calls;
  readonly #told = new Set<() => void>();
  #snapshot = NOTHING;
  #networkAt = Number.NEGATIVE_INFINITY;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Calls `told` after each look; gives the function that ends this. */
  follow(told: () => void): () => void {
    this.#told.add(told);
    return () => this.#told.delete(told);
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await untilVisible(signal);
      const begun = performance.now();
      const looked = await this.#look(signal).catch((error: unknown) => ({
        problem: problemOf(error),
      }));
      if (signal.aborted) return;
      this.#snapshot = { ...this.#snapshot, ...looked };
      for (const told of this.#told) told();
      const took = performance.now() - begun;
      await pause(Math.min(Math.max(LOOK_MS, WAIT_FACTOR * took), LOOK_MS_MAX), signal);
    }
  }

  async #look(signal: AbortSignal): Promise<Partial<Snapshot>> {
    const [network, status] = await Promise.all([
      this.#network(signal),
      this.#calls.getStatus({ withPeers: true, withThroughput: true }, { signal }),
    ]);
    const before = this.#snapshot;
    const now = performance.now();
    const isStill = before.status?.height === status.height && status.pendingOperations > 0;
    const movedAt = isStill ? before.movedAt : now;
    return { network, status, problem: undefined, heardAt: now, movedAt };
  }

  async #network(signal: AbortSignal): Promise<GetNetworkResponse> {
    const held = this.#snapshot.network;
    const isDone = held?.ceremony?.status === CeremonyStatus.COMPLETE;
    if (held && isDone && performance.now() - this.#networkAt < NETWORK_MS) return held;
    const network = await this.#calls.getNetwork({}, { signal });
    this.#networkAt = performance.now();
    return network;
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

/** A page in the background costs the node nothing. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}
