/**
 * The streams of events that wait for news. A commit wakes those whose wallets it has changed, and those that follow the whole
 * ledger, a few in each turn of the event loop. A follower reads the events itself when it wakes: nothing is kept for it here.
 */
import type { WalletId } from "../../primitives/ids.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";

/** Followers woken before other work gets a turn: each reads a page, or writes one that another has read. */
const WOKEN_PER_TURN = 8;

export interface Follower {
  /** All that was committed so far is no news to it any more. */
  forget(): void;
  /** Settles at news, after `ms` of the node's clock, or at `signal`. */
  news(ms: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

class WaitingFollower implements Follower {
  readonly #after: System["after"];
  readonly #leave: (follower: WaitingFollower) => void;
  #hasNews = false;
  #wake: (() => void) | undefined;

  constructor(after: System["after"], leave: (follower: WaitingFollower) => void) {
    this.#after = after;
    this.#leave = leave;
  }

  wake(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  forget(): void {
    this.#hasNews = false;
  }

  async news(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#hasNews || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        cancel();
        this.#wake = undefined;
        signal.removeEventListener("abort", settle);
        resolve();
      };
      const cancel = this.#after(Math.max(0, ms), settle);
      this.#wake = settle;
      signal.addEventListener("abort", settle);
    });
  }

  leave(): void {
    this.#leave(this);
  }
}

export class Followers {
  readonly #system: Pick<System, "after">;
  readonly #ofAll = new Set<WaitingFollower>();
  readonly #ofWallet = new Map<WalletId, Set<WaitingFollower>>();
  #size = 0;

  constructor(system: Pick<System, "after">) {
    this.#system = system;
  }

  /** Streams that are open. */
  get size(): number {
    return this.#size;
  }

  /** Of one wallet, or of the whole ledger. */
  add(wallet: WalletId | undefined): Follower {
    const beside = this.#placeOf(wallet);
    const follower = new WaitingFollower(
      (ms, action) => this.#system.after(ms, action),
      (one) => {
        if (!beside.delete(one)) return;
        this.#size -= 1;
        if (wallet !== undefined && beside.size === 0) this.#ofWallet.delete(wallet);
      },
    );
    beside.add(follower);
    this.#size += 1;
    return follower;
  }

  /** Blocks that changed these wallets are committed. */
  committed(wallets: Iterable<WalletId>): void {
    if (this.#size === 0) return;
    const woken = [...this.#ofAll];
    if (this.#ofWallet.size > 0) {
      for (const wallet of wallets) woken.push(...(this.#ofWallet.get(wallet) ?? []));
    }
    void wakeInTurns(woken);
  }

  #placeOf(wallet: WalletId | undefined): Set<WaitingFollower> {
    if (wallet === undefined) return this.#ofAll;
    const place = this.#ofWallet.get(wallet) ?? new Set<WaitingFollower>();
    this.#ofWallet.set(wallet, place);
    return place;
  }
}

async function wakeInTurns(followers: readonly WaitingFollower[]): Promise<void> {
  const turns = new Yielder(WOKEN_PER_TURN);
  for (const follower of followers) {
    // The commit itself goes on first.
    await turns.count(1);
    follower.wake();
  }
}
