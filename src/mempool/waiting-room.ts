/**
 * Operations whose author is not known yet. They wait outside the pool, in bounded room, and are no work (L22). A
 * transfer waits for the wallet that pays.
 */
import { DeadlineIndex } from "../primitives/deadline-index.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";

interface Waiting {
  readonly operation: SignedOperation;
  readonly sender: ValidatorIndex;
  readonly wallet: WalletId;
}

export class WaitingRoom {
  readonly #perSenderMax: number;
  readonly #byKey = new Map<string, Waiting>();
  readonly #byWallet = new Map<WalletId, Set<Waiting>>();
  /** In order of arrival. */
  readonly #bySender = new Map<ValidatorIndex, Set<Waiting>>();
  readonly #deadlines = new DeadlineIndex<Waiting>();

  constructor(limits: { readonly perSenderMax: number }) {
    this.#perSenderMax = limits.perSenderMax;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Keeps `operation` until `wallet` appears; the sender's oldest makes room when it has too many. */
  add(operation: SignedOperation, wallet: WalletId, sender: ValidatorIndex): void {
    if (this.#byKey.has(operation.key)) return;
    const own = this.#bySender.get(sender) ?? new Set();
    const [oldest] = own;
    if (own.size >= this.#perSenderMax && oldest !== undefined) this.#remove(oldest);
    const waiting = { operation, sender, wallet };
    this.#byKey.set(operation.key, waiting);
    this.#bySender.set(sender, own.add(waiting));
    this.#byWallet.set(wallet, (this.#byWallet.get(wallet) ?? new Set()).add(waiting));
    this.#deadlines.add(waiting, operation.operation.validUntil);
  }

  /** Takes out the operations that waited for `wallet`, oldest first. */
  release(wallet: WalletId): { operation: SignedOperation; sender: ValidatorIndex }[] {
    const released = [...(this.#byWallet.get(wallet) ?? [])];
    for (const waiting of released) this.#remove(waiting);
    return released;
  }

  /** Drops operations whose window a final block's time has closed, up to a limit for one block. */
  expire(finalTime: number, graceMs: number): void {
    const over = this.#deadlines.takeBefore(finalTime - graceMs, LIMITS.expiredPerBlockMax);
    for (const waiting of over) this.#remove(waiting);
  }

  #remove(waiting: Waiting): void {
    const { operation, sender, wallet } = waiting;
    this.#byKey.delete(operation.key);
    this.#bySender.get(sender)?.delete(waiting);
    this.#deadlines.delete(waiting, operation.operation.validUntil);
    const others = this.#byWallet.get(wallet);
    others?.delete(waiting);
    if (others?.size === 0) this.#byWallet.delete(wallet);
  }
}
