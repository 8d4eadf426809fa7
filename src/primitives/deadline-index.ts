/**
 * Things by their deadline: the earliest is found, and those that are over are taken out, without a look at the others.
 * Deadlines come from strangers: however they lie, no step costs more than the things of one second.
 */
import { assert } from "./assert.ts";
import { PersistentMap } from "./persistent-map.ts";

/** Deadlines of one bucket lie within this. */
const BUCKET_MS = 1000;

interface Bucket<T> {
  readonly deadlines: Map<T, number>;
  /** Undefined when the thing that had it was removed; it is then looked for. */
  earliest: number | undefined;
}

export class DeadlineIndex<T> {
  #buckets = PersistentMap.empty<number, Bucket<T>>();

  /** `thing` must not be in the index already. */
  add(thing: T, deadline: number): void {
    const at = Math.floor(deadline / BUCKET_MS);
    const held = this.#buckets.get(at);
    if (held === undefined) {
      const bucket = { deadlines: new Map([[thing, deadline]]), earliest: deadline };
      this.#buckets = this.#buckets.set(at, bucket);
      return;
    }
    held.deadlines.set(thing, deadline);
    if (held.earliest !== undefined) held.earliest = Math.min(held.earliest, deadline);
  }

  /** Takes `thing` out, which was added with this deadline; nothing happens if it is not there. */
  delete(thing: T, deadline: number): void {
    const at = Math.floor(deadline / BUCKET_MS);
    const bucket = this.#buckets.get(at);
    if (bucket === undefined || !bucket.deadlines.delete(thing)) return;
    if (bucket.deadlines.size === 0) this.#buckets = this.#buckets.delete(at);
    else if (bucket.earliest === deadline) bucket.earliest = undefined;
  }

  /** The earliest deadline that is at `from` or later. */
  firstFrom(from: number): number | undefined {
    const at = Math.floor(from / BUCKET_MS);
    const edge = this.#buckets.get(at);
    const within = edge === undefined ? undefined : earliestFrom(edge, from);
    if (within !== undefined) return within;
    const next = this.#buckets.firstFrom(at + 1);
    return next === undefined ? undefined : earliestOf(next[1]);
  }

  /** Takes out what has a deadline before `earliest`, the oldest seconds first, `max` at a time. */
  takeBefore(earliest: number, max: number): T[] {
    const taken: T[] = [];
    for (let first = this.#buckets.first(); first !== undefined; first = this.#buckets.first()) {
      const [at, bucket] = first;
      if (at * BUCKET_MS >= earliest) break;
      const before = taken.length;
      for (const [thing, deadline] of bucket.deadlines) {
        if (taken.length >= max) break;
        if (deadline < earliest) taken.push(thing);
      }
      for (const thing of taken.slice(before)) bucket.deadlines.delete(thing);
      if (bucket.deadlines.size > 0) {
        bucket.earliest = undefined;
        break;
      }
      this.#buckets = this.#buckets.delete(at);
    }
    return taken;
  }
}

function earliestOf<T>(bucket: Bucket<T>): number {
  bucket.earliest ??= earliestFrom(bucket, 0);
  assert(bucket.earliest !== undefined, "no bucket is empty");
  return bucket.earliest;
}

function earliestFrom<T>({ deadlines, earliest }: Bucket<T>, from: number): number | undefined {
  if (earliest !== undefined && earliest >= from) return earliest;
  let found: number | undefined;
  for (const deadline of deadlines.values()) {
    if (deadline >= from && (found === undefined || deadline < found)) found = deadline;
  }
  return found;
}
