/** The state of the node and its network as the page sees it, looked at every second while the reader can see the page. */
import {
  CeremonyStatus,
  type GetNetworkResponse,
  type GetStatusResponse,
  ListOrder,
  type Peer,
} from "../gen/countersign/v1/ledger_service_pb.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { Calls } from "./session.ts";

/** A block, as the chart and the lists need it. */
export interface BlockMark {
  readonly height: bigint;
  readonly time: number;
  readonly operations: number;
}

export interface Snapshot {
  readonly network?: GetNetworkResponse | undefined;
  readonly status?: GetStatusResponse | undefined;
  readonly peers: readonly Peer[];
  /** The newest ones, in ascending order. */
  readonly blocks: readonly BlockMark[];
  /** Why the last look failed; the rest is what was seen before. */
  readonly problem?: Problem | undefined;
  /** When the node last answered, and when its height last grew while operations waited; milliseconds of the page's own clock. */
  readonly heardAt: number;
  readonly movedAt: number;
}

const LOOK_MS = 1_000;
const BLOCKS_KEPT = 1_500;
const BLOCKS_AT_FIRST = 120;
const BLOCKS_A_LOOK = 200;
/** Once there is a key, the network's rules change no more. */
const NETWORK_MS = 60_000;
const NOTHING: Snapshot = { peers: [], blocks: [], heardAt: 0, movedAt: 0 };

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
      const looked = await this.#look(signal).catch((error: unknown) => ({
        problem: problemOf(error),
      }));
      if (signal.aborted) return;
      this.#snapshot = { ...this.#snapshot, ...looked };
      for (const told of this.#told) told();
      await pause(LOOK_MS, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<Partial<Snapshot>> {
    const [network, status, { peers }] = await Promise.all([
      this.#network(signal),
      this.#calls.getStatus({}, { signal }),
      this.#calls.listPeers({}, { signal }),
    ]);
    const before = this.#snapshot;
    const now = performance.now();
    const isStill = before.status?.height === status.height && status.pendingOperations > 0;
    const blocks = await this.#blocks(status.height, signal);
    return {
      ...{ network, status, peers, blocks, problem: undefined, heardAt: now },
      movedAt: isStill ? before.movedAt : now,
    };
  }

  async #network(signal: AbortSignal): Promise<GetNetworkResponse> {
    const held = this.#snapshot.network;
    const isDone = held?.ceremony?.status === CeremonyStatus.COMPLETE;
    if (held && isDone && performance.now() - this.#networkAt < NETWORK_MS) return held;
    const network = await this.#calls.getNetwork({}, { signal });
    this.#networkAt = performance.now();
    return network;
  }

  /** The blocks above those that are known; after a gap that is too long, the newest ones alone. */
  async #blocks(tip: bigint, signal: AbortSignal): Promise<readonly BlockMark[]> {
    const held = this.#snapshot.blocks;
    const last = held.at(-1)?.height ?? 0n;
    if (tip === last) return held;
    const isNear = held.length > 0 && tip > last && tip - last <= BigInt(BLOCKS_A_LOOK);
    const terms = isNear
      ? { order: ListOrder.OLDEST_FIRST, fromHeight: last + 1n, pageSize: BLOCKS_A_LOOK }
      : { order: ListOrder.NEWEST_FIRST, pageSize: BLOCKS_AT_FIRST };
    const { blocks } = await this.#calls.listBlocks(terms, { signal });
    const found = blocks.flatMap(({ header }) => {
      if (header === undefined) return [];
      const { height, time, operationCount: operations } = header;
      return { height, time: Number(time), operations };
    });
    return isNear ? [...held, ...found].slice(-BLOCKS_KEPT) : found.toReversed();
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A page in the background costs the node nothing. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}
