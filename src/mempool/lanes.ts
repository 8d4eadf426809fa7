/**
 * Lanes: the pooled operations that the branch lacks, each behind those of its own kind and owner. Owners of one kind
 * take turns, and so do the kinds: the cost of a selection depends on what is taken, not on what waits.
 */
import { toHex } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import { type PoolKind, TURNS } from "./kinds.ts";

export interface PoolEntry {
  readonly operation: SignedOperation;
  readonly sender: ValidatorIndex;
  readonly kind: PoolKind;
  readonly validUntil: number;
  /** Order of arrival. */
  readonly number: number;
}

class Lane {
  /** In order of arrival; all of these arrived before the others. */
  #returned = new Set<PoolEntry>();
  readonly #fresh = new Set<PoolEntry>();

  get size(): number {
    return this.#returned.size + this.#fresh.size;
  }

  add(entry: PoolEntry): void {
    this.#fresh.add(entry);
  }

  /** These were in the lane before, and come back to where they stood. */
  giveBack(entries: readonly PoolEntry[]): void {
    const all = [...this.#returned, ...entries];
    this.#returned = new Set(all.sort((left, right) => left.number - right.number));
  }

  delete(entry: PoolEntry): void {
    if (!this.#returned.delete(entry)) this.#fresh.delete(entry);
  }

  walk(window: Window): Walk {
    return new Walk([this.#returned.values(), this.#fresh.values()], window);
  }
}

/** Deadlines between which operations are wanted, both ends included. */
export interface Window {
  readonly earliest: number;
  readonly latest: number;
}

/** Once through a lane. What lies outside of the window costs next to nothing: a whole lane may. */
class Walk {
  readonly #parts: readonly Iterator<PoolEntry>[];
  readonly #window: Window;

  constructor(parts: readonly Iterator<PoolEntry>[], window: Window) {
    this.#parts = parts;
    this.#window = window;
  }

  next(): PoolEntry | undefined {
    const { earliest, latest } = this.#window;
    for (const part of this.#parts) {
      for (let step = part.next(); step.done !== true; step = part.next()) {
        const { validUntil } = step.value;
        if (validUntil >= earliest && validUntil <= latest) return step.value;
      }
    }
    return undefined;
  }
}

export class Lanes {
  readonly #byKind: Readonly<Record<PoolKind, Map<string, Lane>>> = {
    payment: new Map(),
    uncovered: new Map(),
    issue: new Map(),
    sponsored: new Map(),
    ceremony: new Map(),
  };
  #selections = 0;

  /** The number of operations in the lane that this one would join. */
  sizeFor(entry: PoolEntry): number {
    return this.#byKind[entry.kind].get(ownerOf(entry))?.size ?? 0;
  }

  add(entry: PoolEntry): void {
    this.#laneOf(entry).add(entry);
  }

  giveBack(entries: readonly PoolEntry[]): void {
    const byLane = new Map<Lane, PoolEntry[]>();
    for (const entry of entries) {
      const lane = this.#laneOf(entry);
      const group = byLane.get(lane);
      if (group === undefined) byLane.set(lane, [entry]);
      else group.push(entry);
    }
    for (const [lane, group] of byLane) lane.giveBack(group);
  }

  delete(entry: PoolEntry): void {
    const lanes = this.#byKind[entry.kind];
    const owner = ownerOf(entry);
    const lane = lanes.get(owner);
    lane?.delete(entry);
    if (lane?.size === 0) lanes.delete(owner);
  }

  /** Nothing may be added or deleted while it is used. Another lane begins each time. */
  select(window: Window): Selection {
    this.#selections += 1;
    const first = this.#selections;
    return new Selection((kind) =>
      rotated([...this.#byKind[kind].values()], first).map((lane) => lane.walk(window)),
    );
  }

  #laneOf(entry: PoolEntry): Lane {
    const lanes = this.#byKind[entry.kind];
    const owner = ownerOf(entry);
    const held = lanes.get(owner);
    if (held !== undefined) return held;
    const lane = new Lane();
    lanes.set(owner, lane);
    return lane;
  }
}

/** The operations that a leader chooses from, one after another. */
export class Selection {
  readonly #queues: ReadonlyMap<PoolKind, Walk[]>;
  #turn = -1;
  /** The source of the last one; its lane waits for its next turn at the end of the queue. */
  #last: { readonly kind: PoolKind; readonly lane: Walk } | undefined;
  #ceremonyBytes = 0;

  constructor(lanesOf: (kind: PoolKind) => Walk[]) {
    this.#queues = new Map(TURNS.map((kind) => [kind, lanesOf(kind)]));
  }

  /** The next in turn; undefined when there are no more. */
  next(): SignedOperation | undefined {
    for (const _ of TURNS) {
      this.#turn = (this.#turn + 1) % TURNS.length;
      const kind = TURNS[this.#turn];
      const entry = kind === undefined ? undefined : this.#nextOf(kind);
      if (entry !== undefined) return entry.operation;
    }
    return undefined;
  }

  /** Nothing more comes from the lane that the last one came from: the others have their turns. */
  leaveLane(): void {
    if (this.#last === undefined) return;
    const { kind, lane } = this.#last;
    const queue = this.#queues.get(kind);
    if (queue?.at(-1) === lane) queue.pop();
    this.#last = undefined;
  }

  #nextOf(kind: PoolKind): PoolEntry | undefined {
    if (kind === "ceremony" && this.#ceremonyBytes >= LIMITS.ceremonyBytesPerBlockMax) {
      return undefined;
    }
    const queue = this.#queues.get(kind) ?? [];
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift()) {
      const entry = lane.next();
      if (entry === undefined) continue;
      queue.push(lane);
      this.#last = { kind, lane };
      if (kind === "ceremony") this.#ceremonyBytes += entry.operation.bytes.length;
      return entry;
    }
    return undefined;
  }
}

/** The member whose share it counts against: the sponsor, the author of a ceremony step, or else its sender. */
function ownerOf({ operation, sender, kind }: PoolEntry): string {
  if (kind === "sponsored") return String(operation.sponsor?.validator ?? sender);
  return kind === "ceremony" ? toHex(operation.operation.author) : String(sender);
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const from = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}
