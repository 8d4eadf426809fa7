// A second ledger for the checks: it computes balances in the simplest way and shares no code with the ledger under
// test.
import type { ChainBlock, ChainOperation, NodeChain } from "./chain.ts";

export interface Balance {
  readonly height: number;
  readonly balance: bigint;
  readonly entries: number;
}

interface Account {
  readonly asset: number;
  /** The wallet after each height that changed it, ascending. */
  readonly past: Balance[];
}

/** Replays a chain from its first block; `problems` lists every contradiction. */
export class Money {
  readonly problems: string[] = [];
  readonly #accounts = new Map<string, Account>();
  readonly #supply: bigint[] = [];
  readonly #ordered = new Set<string>();

  constructor(chain: NodeChain) {
    for (const block of chain.blocks) this.#take(block);
  }

  /** The wallet as it was at a height; undefined if it did not exist. */
  at(wallet: string, height: number): Balance | undefined {
    return this.#accounts.get(wallet)?.past.findLast((one) => one.height <= height);
  }

  #take(block: ChainBlock): void {
    for (const operation of block.operations) {
      if (operation.status === "applied") this.#apply(block.height, operation);
      if (this.#ordered.has(operation.key) && operation.effect.kind !== "other") {
        this.#complain(block.height, `${operation.key} is ordered a second time`);
      }
      this.#ordered.add(operation.key);
    }
    this.#checkSupply(block);
  }

  #apply(height: number, { key, effect }: ChainOperation): void {
    if (effect.kind === "creation") {
      if (this.#accounts.has(effect.wallet))
        this.#complain(height, `${key} creates a wallet twice`);
      const past = [{ height, balance: effect.amount, entries: 1 }];
      this.#accounts.set(effect.wallet, { asset: effect.asset, past });
      this.#supply[effect.asset] = (this.#supply[effect.asset] ?? 0n) + effect.amount;
    }
    if (effect.kind === "transfer") {
      this.#add(height, { key, wallet: effect.from, delta: -effect.amount });
      this.#add(height, { key, wallet: effect.to, delta: effect.amount });
    }
  }

  #add(height: number, entry: { key: string; wallet: string; delta: bigint }): void {
    const past = this.#accounts.get(entry.wallet)?.past;
    const last = past?.at(-1);
    if (past === undefined || last === undefined) {
      this.#complain(height, `${entry.key} moves money of ${entry.wallet}, which does not exist`);
      return;
    }
    const balance = last.balance + entry.delta;
    if (balance < 0n) {
      this.#complain(height, `double spend: ${entry.key} leaves ${entry.wallet} with ${balance}`);
    }
    past.push({ height, balance, entries: last.entries + 1 });
  }

  #checkSupply({ height, supply }: ChainBlock): void {
    for (const [asset, stated] of supply.entries()) {
      const issued = this.#supply[asset] ?? 0n;
      if (stated !== issued) {
        this.#complain(
          height,
          `supply drift: asset ${asset} is ${stated}, but ${issued} was issued`,
        );
      }
    }
  }

  /** Takes time linear in the number of wallets, so it runs at the end of the chain only. */
  checkConservation(): void {
    const sums: bigint[] = [];
    for (const { asset, past } of this.#accounts.values()) {
      sums[asset] = (sums[asset] ?? 0n) + (past.at(-1)?.balance ?? 0n);
    }
    for (const [asset, sum] of sums.entries()) {
      const issued = this.#supply[asset] ?? 0n;
      if (sum !== undefined && sum !== issued) {
        this.problems.push(`supply drift: the wallets of asset ${asset} hold ${sum} of ${issued}`);
      }
    }
  }

  #complain(height: number, what: string): void {
    this.problems.push(`height ${height}: ${what}`);
  }
}
