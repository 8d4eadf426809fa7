/**
 * The traces of operations at one node. An operation's hash gives its trace the ids of trace and root, and decides if it is taken,
 * so that all nodes make one trace of a payment without a word about it. Spans are made when a step ends, and never waited for.
 */
import { toHex } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { TraceParent } from "../../transport/trace-parent.ts";
import type { System } from "../base/system.ts";
import type { AskedTrace, TracedBlock, TraceObserver, TraceTime } from "../base/trace-observer.ts";
import type { Span, SpanName } from "./span.ts";

export interface OperationTracesParts {
  /** One operation in so many is taken, by its hash. */
  readonly oneIn: number;
  readonly spans: { add(span: Span): void };
  /** Nanoseconds since 1970. */
  readonly clock: { now(): TraceTime };
  readonly system: Pick<System, "entropy">;
}

/** An operation that this node follows. */
interface Followed {
  readonly traceId: string;
  readonly root: string;
  readonly operation: string;
  /** A client brought it in here, and waits for its result. */
  isOwn: boolean;
  committed: { readonly at: TraceTime; readonly height: Height } | undefined;
  isSealed: boolean;
}

/** A block that this node executed, and the end of its last step here. */
interface FollowedBlock {
  readonly operations: readonly Followed[];
  last: TraceTime;
}

/** Operations and blocks that are followed at one time; the oldest gives way. */
export const OPERATIONS_MAX = 4096;
const BLOCKS_MAX = 256;
const SPAN_ID_BYTES = 8;
const RANGE = 2 ** 32;

export class OperationTraces implements TraceObserver {
  readonly #parts: OperationTracesParts;
  readonly #threshold: number;
  /** By operation hash; oldest first. */
  readonly #operations = new Map<string, Followed>();
  readonly #blocks = new Map<string, FollowedBlock>();

  constructor(parts: OperationTracesParts) {
    this.#parts = parts;
    this.#threshold = RANGE / parts.oneIn;
  }

  /** Operations under way that are followed. */
  get size(): number {
    return this.#operations.size;
  }

  now(): TraceTime {
    return this.#parts.clock.now();
  }

  asked(operation: SignedOperation, caller: TraceParent | undefined): AskedTrace | undefined {
    if (!this.#isTaken(operation.hash)) return undefined;
    const start = this.now();
    return {
      answered: (outcome) => {
        const followed = this.#operations.get(toHex(operation.hash)) ?? follow(operation.hash);
        const isFirst = followed.isOwn;
        followed.isOwn = false;
        if (isFirst) this.#step(followed, "receipt", followed.committed?.at);
        this.#emit(followed, isFirst ? "payment" : "ask", {
          start,
          attributes: { "countersign.outcome": outcome },
          link: caller,
          ...(isFirst ? { spanId: followed.root, parentSpanId: undefined } : {}),
        });
        this.#forgetIfDone(followed);
      },
    };
  }

  pooled({ hash }: SignedOperation, from: "client" | "peer", since: TraceTime | undefined): void {
    if (!this.#isTaken(hash)) return;
    const followed = this.#follow(hash);
    followed.isOwn = from === "client";
    this.#step(followed, from === "client" ? "admit" : "disseminate", since);
  }

  executed(
    step: "propose" | "execute",
    block: Digest,
    { operations, since }: { operations: readonly SignedOperation[]; since: TraceTime },
  ): void {
    const taken = operations.filter(({ hash }) => this.#isTaken(hash));
    if (taken.length === 0) return;
    const followed = taken.map(({ hash }) => this.#follow(hash));
    for (const one of followed) this.#step(one, step, since);
    bound(this.#blocks, BLOCKS_MAX);
    this.#blocks.set(toHex(block), { operations: followed, last: this.now() });
  }

  judged(block: Digest, since: TraceTime | undefined): void {
    this.#ofBlock(block, (one) => this.#step(one, "verify", since));
  }

  voted(kind: "notarize" | "finalize", block: Digest): void {
    this.#ofBlock(block, (one, { last }) => this.#step(one, kind, last));
  }

  committed(blocks: readonly TracedBlock[]): void {
    for (const { block, operations } of blocks) {
      const at = this.now();
      const { height, view } = block.header;
      const last = this.#blocks.get(toHex(block.hash))?.last;
      this.#blocks.delete(toHex(block.hash));
      for (const { hash } of operations) {
        if (!this.#isTaken(hash)) continue;
        const one = this.#follow(hash);
        one.committed = { at, height };
        this.#step(one, "commit", last, { "countersign.height": height, "countersign.view": view });
      }
    }
  }

  shared(height: Height, since: TraceTime | undefined): void {
    for (const one of this.#unsealedUpTo(height)) this.#step(one, "seal share", since);
  }

  sealed(height: Height): void {
    for (const one of this.#unsealedUpTo(height)) {
      one.isSealed = true;
      this.#step(one, "seal", one.committed?.at);
      this.#forgetIfDone(one);
    }
  }

  *#unsealedUpTo(height: Height): Iterable<Followed> {
    for (const one of this.#operations.values()) {
      const { committed, isSealed } = one;
      if (!isSealed && committed !== undefined && committed.height <= height) yield one;
    }
  }

  #ofBlock(block: Digest, act: (one: Followed, held: FollowedBlock) => void): void {
    const held = this.#blocks.get(toHex(block));
    if (held === undefined) return;
    for (const one of held.operations) act(one, held);
    held.last = this.now();
  }

  /** By the second half of the trace id, as samplers of OpenTelemetry decide. */
  #isTaken(hash: Digest): boolean {
    const [a = 0, b = 0, c = 0, d = 0] = hash.subarray(8, 12);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 < this.#threshold;
  }

  #follow(hash: Digest): Followed {
    const fresh = follow(hash);
    const held = this.#operations.get(fresh.operation);
    if (held !== undefined) return held;
    bound(this.#operations, OPERATIONS_MAX);
    this.#operations.set(fresh.operation, fresh);
    return fresh;
  }

  /** Its client may still wait after the seal, and its seal may come after the answer. */
  #forgetIfDone({ operation, isSealed, isOwn }: Followed): void {
    if (isSealed && !isOwn) this.#operations.delete(operation);
  }

  /** A step that ends now. Without `since` it has no duration. */
  #step(
    one: Followed,
    name: SpanName,
    since: TraceTime | undefined,
    attributes: Span["attributes"] = {},
  ): void {
    this.#emit(one, name, { start: since ?? this.now(), attributes });
  }

  #emit(
    { traceId, root, operation }: Followed,
    name: SpanName,
    { attributes, ...more }: Pick<Span, "start" | "attributes"> & Partial<Span>,
  ): void {
    this.#parts.spans.add({
      name,
      traceId,
      spanId: toHex(this.#parts.system.entropy(SPAN_ID_BYTES)),
      parentSpanId: root,
      end: this.now(),
      attributes: { "countersign.operation": operation, ...attributes },
      ...more,
    });
  }
}

/** No hash of 256 bits gives an id of zeros, which would be none. */
function follow(hash: Digest): Followed {
  const operation = toHex(hash);
  return {
    traceId: operation.slice(0, 32),
    root: operation.slice(32, 48),
    operation,
    isOwn: false,
    committed: undefined,
    isSealed: false,
  };
}

/** Makes room for one more; the oldest goes. */
function bound(map: Map<string, unknown>, max: number): void {
  if (map.size < max) return;
  for (const key of map.keys()) {
    map.delete(key);
    break;
  }
}
