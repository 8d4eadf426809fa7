/**
 * Operations whose author is not known yet: they wait outside the pool, bounded, and are no work (DESIGN 3.3).
 * A transfer waits for the wallet it pays from.
 */
import type { WalletId } from "../primitives/ids.ts";
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
  readonly #byWallet = new Map<WalletId, Set<string>>();
  readonly #counts = new Map<ValidatorIndex, number>();

  constructor(limits: { readonly perSenderMax: number }) {
    this.#perSenderMax = limits.perSenderMax;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Keeps `operation` until `wallet` appears; the sender's oldest makes room when it has too many. */
  add(operation: SignedOperation, wallet: WalletId, sender: ValidatorIndex): void {
    if (this.#byKey.has(operation.key)) return;
    if ((this.#counts.get(sender) ?? 0) >= this.#perSenderMax) this.#dropOldestOf(sender);
    this.#byKey.set(operation.key, { operation, sender, wallet });
    const keys = this.#byWallet.get(wallet) ?? new Set();
    this.#byWallet.set(wallet, keys.add(operation.key));
    this.#counts.set(sender, (this.#counts.get(sender) ?? 0) + 1);
  }

  /** Takes out what waited for `wallet`, oldest first. */
  release(wallet: WalletId): { operation: SignedOperation; sender: ValidatorIndex }[] {
    const keys = [...(this.#byWallet.get(wallet) ?? [])];
    return keys.flatMap((key) => this.#remove(key) ?? []);
  }

  /** Drops all that a final block's time has put past their window. */
  expire(finalTime: number, graceMs: number): void {
    for (const [key, { operation }] of this.#byKey) {
      if (operation.operation.validUntil + graceMs < finalTime) this.#remove(key);
    }
  }

  #dropOldestOf(sender: ValidatorIndex): void {
    for (const [key, waiting] of this.#byKey) {
      if (waiting.sender !== sender) continue;
      this.#remove(key);
      return;
    }
  }

  #remove(key: string): Waiting | undefined {
    const waiting = this.#byKey.get(key);
    if (waiting === undefined) return undefined;
    this.#byKey.delete(key);
    const keys = this.#byWallet.get(waiting.wallet);
    keys?.delete(key);
    if (keys?.size === 0) this.#byWallet.delete(waiting.wallet);
    this.#counts.set(waiting.sender, (this.#counts.get(waiting.sender) ?? 1) - 1);
    return waiting;
  }
}
