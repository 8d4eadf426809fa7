/**
 * An index of things by deadline. It finds the earliest, and takes out those that are over, without visiting the
 * others. Strangers choose the deadlines: for any choice, no step costs more than the things of one second.
 */
import { assert } from "./assert.ts";
import { PersistentMap } from "./persistent-map.ts";

/** The time span of one bucket. */
const BUCKET_MS = 1000;

interface Bucket<T> {
  readonly deadlines: Map<T, number>;
  /** Undefined after the thing that had it was removed; it is then searched again. */
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

  /** Removes `thing`, which was added with this deadline; does nothing if it is not there. */
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

  /** Removes the things with a deadline before `earliest`, oldest second first, at most `max` at a time. */
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
