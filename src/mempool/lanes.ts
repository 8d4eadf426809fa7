/**
 * Lanes: the pooled operations that the branch lacks, queued by kind and owner. The owners of one kind take turns,
 * and so do the kinds. A selection costs time for the operations that it takes, not for those that wait.
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

  /** These operations were in the lane before, and return to their places. */
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

/** One pass through a lane. Skipping operations outside the window is cheap, because all of a lane may be outside. */
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

  /** The number of operations in all lanes, of which there are few: one for each kind and owner. */
  get size(): number {
    let sum = 0;
    for (const lanes of Object.values(this.#byKind))
      for (const { size } of lanes.values()) sum += size;
    return sum;
  }

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

  /** Nothing may be added or deleted while the selection is in use. Each selection begins with another lane. */
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

/** The operations from which a leader chooses, one after another. */
export class Selection {
  readonly #queues: ReadonlyMap<PoolKind, Walk[]>;
  #turn = -1;
  /** The lane of the last operation; it waits at the end of the queue for its next turn. */
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

  /** Takes nothing more from the lane of the last operation: the other lanes have their turns. */
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

/** The member against whose share the operation counts: the sponsor, the author of a ceremony step, or the sender. */
function ownerOf({ operation, sender, kind }: PoolEntry): string {
  if (kind === "sponsored") return String(operation.sponsor?.validator ?? sender);
  return kind === "ceremony" ? toHex(operation.operation.author) : String(sender);
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const from = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}
