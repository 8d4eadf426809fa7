/**
 * The pool: admitted operations that no final block holds yet. It follows a branch. An operation that a block of the
 * branch has ordered waits aside until that block is final or given up; every other one waits in its lane. An
 * operation leaves only when its id is in a final block, with this or another body, or when a final block's time is
 * past its window (L23).
 */
import { rulesOf } from "../ledger/operation-rules.ts";
import { assert } from "../primitives/assert.ts";
import { packBytes } from "../primitives/bytes.ts";
import { DeadlineIndex } from "../primitives/deadline-index.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import { POOL_KINDS, type PoolKind, poolKindOf, ROOM } from "./kinds.ts";
import { Lanes, type PoolEntry, type Selection, type Window } from "./lanes.ts";

/** The outcome of an offer to the pool. */
export type PoolVerdict =
  | "added"
  /** Exactly these bytes are held already. */
  | "held"
  /** Another body under the same id came first; the final block decides between them. */
  | "otherBodyHeld"
  /** The share of the sender, or of the sponsor, is used up; offer again when some operations have left. */
  | "senderFull";

export interface PoolLimits {
  /** Most payments that one sender may have in the pool; other kinds have a part of that (`ROOM`). */
  readonly operationsPerSenderMax: number;
  /** Most bytes of operations that one sender may have in the pool. */
  readonly bytesPerSenderMax: number;
}

/** A block above the final one, on the pool's branch. The same block is always the same object. */
export interface OrderedBlock {
  readonly operations: readonly SignedOperation[];
}

const ANY: Window = { earliest: 0, latest: Number.POSITIVE_INFINITY };

function noOperations(): Record<PoolKind, number> {
  return { payment: 0, uncovered: 0, issue: 0, sponsored: 0, ceremony: 0 };
}

interface Share {
  readonly operations: Record<PoolKind, number>;
  bytes: number;
}

export class Pool {
  readonly #limits: PoolLimits;
  /** By operation key, in order of arrival. */
  readonly #byKey = new Map<string, PoolEntry>();
  /** By packed leaf hash. */
  readonly #byLeafHash = new Map<string, PoolEntry>();
  readonly #shares = new Map<ValidatorIndex, Share>();
  readonly #branch = new Set<OrderedBlock>();
  /** The list by which the branch was followed last. */
  #followed: readonly OrderedBlock[] = [];
  /** The number of blocks of the branch that hold a key. */
  readonly #ordered = new KeyCounts<string>();
  /** Operations that the branch lacks, for a leader to choose from. */
  readonly #lanes = new Lanes();
  /** The same by its deadline. */
  readonly #deadlines = new DeadlineIndex<PoolEntry>();
  /** The sum of the backing of the pooled operations of each wallet. */
  readonly #underWay = new Map<WalletId, bigint>();
  #arrivals = 0;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Operations of all senders, by kind. */
  get numbers(): Readonly<Record<PoolKind, number>> {
    const sums = noOperations();
    for (const { operations } of this.#shares.values()) {
      for (const kind of POOL_KINDS) sums[kind] += operations[kind];
    }
    return sums;
  }

  /** Of the operations of all senders. */
  get bytes(): number {
    return [...this.#shares.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Adds an operation whose signatures were checked. `sender` is the node that sent it; for a client's operation,
   * this node.
   */
  add(
    operation: SignedOperation,
    sender: ValidatorIndex,
    kind: PoolKind = poolKindOf(operation),
  ): PoolVerdict {
    const held = this.#byKey.get(operation.key);
    if (held !== undefined) {
      return held.operation.leafKey === operation.leafKey ? "held" : "otherBodyHeld";
    }
    const entry = this.#entryOf(operation, sender, kind);
    const share = this.#shareOf(sender);
    if (!this.#hasRoom(entry, share)) return "senderFull";
    this.#arrivals += 1;
    this.#byKey.set(operation.key, entry);
    this.#byLeafHash.set(operation.leafKey, entry);
    share.operations[kind] += 1;
    share.bytes += operation.bytes.length;
    this.#countBacking(entry, 1n);
    if (this.#ordered.of(operation.key) === 0) this.#await(entry);
    return "added";
  }

  /** True if there is room for an operation that is not held. Asked before its signatures are checked. */
  hasRoomFor(operation: SignedOperation, sender: ValidatorIndex, kind: PoolKind): boolean {
    return this.#hasRoom(this.#entryOf(operation, sender, kind), this.#shareOf(sender));
  }

  /** The operation with exactly this leaf hash (canonical bytes with signatures). */
  get(leafHash: Digest): SignedOperation | undefined {
    return this.#byLeafHash.get(packBytes(leafHash))?.operation;
  }

  /** The body held under an operation key. */
  withKey(key: string): SignedOperation | undefined {
    return this.#byKey.get(key)?.operation;
  }

  /** The sum that the pooled operations of this wallet need of its money. */
  underWay(payer: WalletId): bigint {
    return this.#underWay.get(payer) ?? 0n;
  }

  /** All operations, oldest first. */
  *operations(): IterableIterator<SignedOperation> {
    for (const entry of this.#byKey.values()) yield entry.operation;
  }

  /**
   * Moves to the branch that has these blocks above the final one. The cost depends on the difference to the branch
   * before. A list never changes: the same one is the same branch.
   */
  follow(branch: readonly OrderedBlock[]): void {
    if (branch === this.#followed) return;
    this.#followed = branch;
    const wanted = new Set(branch);
    for (const block of branch) if (!this.#branch.has(block)) this.#join(block);
    const back: PoolEntry[] = [];
    for (const block of this.#branch) if (!wanted.has(block)) back.push(...this.#part(block));
    for (const entry of back) this.#deadlines.add(entry, entry.validUntil);
    this.#lanes.giveBack(back);
  }

  /** Operations that the branch lacks, with deadlines in `window`, each kind and owner in turn. */
  select(window: Window = ANY): Selection {
    return this.#lanes.select(window);
  }

  /** The first of these, `count` at most. */
  first(count: number): SignedOperation[] {
    const selection = this.select();
    const found: SignedOperation[] = [];
    while (found.length < count) {
      const operation = selection.next();
      if (operation === undefined) break;
      found.push(operation);
    }
    return found;
  }

  /** The number of operations that the branch lacks. */
  get waiting(): number {
    return this.#lanes.size;
  }

  /** The earliest deadline, at or after `earliest`, of an operation that the branch lacks. */
  firstDeadline(earliest: number): number | undefined {
    return this.#deadlines.firstFrom(earliest);
  }

  /**
   * Drops the operations that a final block settled: every id in it, and those whose window its time has closed, up
   * to a limit for one block; later blocks drop the rest (L23).
   */
  settle(settledKeys: Iterable<string>, finalTime: number, graceMs: number): void {
    for (const key of settledKeys) this.#remove(key);
    const over = this.#deadlines.takeBefore(finalTime - graceMs, LIMITS.expiredPerBlockMax);
    for (const { operation } of over) this.#remove(operation.key);
  }

  #entryOf(operation: SignedOperation, sender: ValidatorIndex, kind: PoolKind): PoolEntry {
    const { validUntil } = operation.operation;
    return { operation, sender, kind, validUntil, number: this.#arrivals };
  }

  #hasRoom(entry: PoolEntry, share: Share): boolean {
    const { operationsPerSenderMax, bytesPerSenderMax } = this.#limits;
    const { kind, operation } = entry;
    const operationsMax = Math.ceil(operationsPerSenderMax * ROOM[kind]);
    return (
      share.operations[kind] < operationsMax &&
      share.bytes + operation.bytes.length <= bytesPerSenderMax &&
      (kind !== "sponsored" || this.#lanes.sizeFor(entry) < operationsMax)
    );
  }

  #shareOf(sender: ValidatorIndex): Share {
    const held = this.#shares.get(sender);
    if (held !== undefined) return held;
    const share = { operations: noOperations(), bytes: 0 };
    this.#shares.set(sender, share);
    return share;
  }

  /** The branch lacks it. */
  #await(entry: PoolEntry): void {
    this.#lanes.add(entry);
    this.#deadlines.add(entry, entry.validUntil);
  }

  #awaitNoMore(entry: PoolEntry): void {
    this.#lanes.delete(entry);
    this.#deadlines.delete(entry, entry.validUntil);
  }

  #join(block: OrderedBlock): void {
    this.#branch.add(block);
    for (const { key } of block.operations) {
      const isNew = this.#ordered.of(key) === 0;
      this.#ordered.add(key);
      const entry = isNew ? this.#byKey.get(key) : undefined;
      if (entry !== undefined) this.#awaitNoMore(entry);
    }
  }

  /** Gives the operations that are still pooled and in no other block of the branch. */
  #part(block: OrderedBlock): PoolEntry[] {
    this.#branch.delete(block);
    const back: PoolEntry[] = [];
    for (const { key } of block.operations) {
      assert(this.#ordered.of(key) > 0, "what the branch holds was counted");
      this.#ordered.add(key, -1);
      const entry = this.#ordered.of(key) > 0 ? undefined : this.#byKey.get(key);
      if (entry !== undefined) back.push(entry);
    }
    return back;
  }

  #remove(key: string): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    this.#byLeafHash.delete(entry.operation.leafKey);
    this.#awaitNoMore(entry);
    const share = this.#shares.get(entry.sender);
    assert(
      share !== undefined && share.operations[entry.kind] > 0,
      "a pooled operation counts for its sender",
    );
    share.operations[entry.kind] -= 1;
    share.bytes -= entry.operation.bytes.length;
    this.#countBacking(entry, -1n);
  }

  #countBacking({ operation: { operation }, kind }: PoolEntry, times: 1n | -1n): void {
    const backing = kind === "payment" ? rulesOf(operation).backing(operation) : undefined;
    if (backing === undefined) return;
    const sum = this.underWay(backing.from) + times * backing.amount;
    if (sum > 0n) this.#underWay.set(backing.from, sum);
    else this.#underWay.delete(backing.from);
  }
}
