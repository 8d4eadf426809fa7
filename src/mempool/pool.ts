/**
 * The pool: admitted operations that no final block holds yet, in order of arrival. An operation leaves only when
 * its id is in a final block, with whatever body, or when a final block's time is past its window (DESIGN 3.3).
 */
import { assert } from "../primitives/assert.ts";
import { toHex } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";

/** What became of an operation offered to the pool. */
export type PoolVerdict =
  | "added"
  /** These very bytes are held already. */
  | "held"
  /** Another body under the same id came first; the final block decides between them. */
  | "otherBodyHeld"
  /** The sender has its share of the pool in it; offer again when some have left. */
  | "senderFull";

export interface PoolLimits {
  /** Most operations that one sender may have in the pool. */
  readonly operationsPerSenderMax: number;
  /** Most bytes of operations that one sender may have in the pool. */
  readonly bytesPerSenderMax: number;
}

interface Entry {
  readonly operation: SignedOperation;
  readonly sender: ValidatorIndex;
}

interface Share {
  operations: number;
  bytes: number;
}

export class Pool {
  readonly #limits: PoolLimits;
  /** By operation key; a Map iterates in order of arrival. */
  readonly #byKey = new Map<string, Entry>();
  readonly #byLeafHash = new Map<string, Entry>();
  readonly #shares = new Map<ValidatorIndex, Share>();

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Takes an operation whose signatures were checked. `sender` is the node it came from, itself for a client's. */
  add(operation: SignedOperation, sender: ValidatorIndex): PoolVerdict {
    const held = this.#byKey.get(operation.key);
    if (held !== undefined) {
      return toHex(held.operation.leafHash) === toHex(operation.leafHash)
        ? "held"
        : "otherBodyHeld";
    }
    const share = this.#shares.get(sender) ?? { operations: 0, bytes: 0 };
    const { operationsPerSenderMax, bytesPerSenderMax } = this.#limits;
    const full =
      share.operations >= operationsPerSenderMax ||
      share.bytes + operation.bytes.length > bytesPerSenderMax;
    if (full) return "senderFull";
    const entry = { operation, sender };
    this.#byKey.set(operation.key, entry);
    this.#byLeafHash.set(toHex(operation.leafHash), entry);
    share.operations += 1;
    share.bytes += operation.bytes.length;
    this.#shares.set(sender, share);
    return "added";
  }

  /** The operation with exactly this leaf hash (canonical bytes with signatures). */
  get(leafHash: Digest): SignedOperation | undefined {
    return this.#byLeafHash.get(toHex(leafHash))?.operation;
  }

  /** The body held under an operation key. */
  withKey(key: string): SignedOperation | undefined {
    return this.#byKey.get(key)?.operation;
  }

  /** All operations, oldest first. */
  *operations(): IterableIterator<SignedOperation> {
    for (const entry of this.#byKey.values()) yield entry.operation;
  }

  /** Drops what a final block settled: every id in it, and all that its time has put past their window. */
  settle(settledKeys: Iterable<string>, finalTime: number, graceMs: number): void {
    for (const key of settledKeys) this.#remove(key);
    for (const [key, { operation }] of this.#byKey) {
      if (operation.operation.validUntil + graceMs < finalTime) this.#remove(key);
    }
  }

  #remove(key: string): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    this.#byLeafHash.delete(toHex(entry.operation.leafHash));
    const share = this.#shares.get(entry.sender);
    assert(share !== undefined && share.operations > 0, "a pooled operation counts for its sender");
    share.operations -= 1;
    share.bytes -= entry.operation.bytes.length;
  }
}
