/**
 * The number of wallets without money that each member sponsors. A wallet stays in every node for ever, so a member
 * may sponsor wallets up to a quota; a wallet that holds money does not count. The numbers are not part of the state
 * root, because they follow from the wallet records, which are (L27).
 */
import { assert } from "../primitives/assert.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { isUnfunded, type WalletRecord } from "./wallet-record.ts";

/** By place of the member in the genesis. */
export type Unfunded = readonly number[];

export function countUnfunded(members: number, wallets: Iterable<WalletRecord>): Unfunded {
  const counter = new UnfundedCounter(new Array<number>(members).fill(0));
  for (const record of wallets) counter.changed(undefined, record);
  return counter.counts;
}

/** Continues from the counts of the parent state. */
export class UnfundedCounter {
  readonly #counts: number[];

  constructor(parent: Unfunded) {
    this.#counts = [...parent];
  }

  get counts(): Unfunded {
    return [...this.#counts];
  }

  of(member: ValidatorIndex): number {
    return this.#counts[member] ?? 0;
  }

  changed(before: WalletRecord | undefined, after: WalletRecord): void {
    if (before !== undefined && isUnfunded(before)) this.#add(before, -1);
    if (isUnfunded(after)) this.#add(after, 1);
  }

  #add({ sponsor }: WalletRecord, by: number): void {
    assert(sponsor !== undefined, "an unfunded wallet has a sponsor");
    const count = (this.#counts[sponsor] ?? 0) + by;
    assert(count >= 0, "no member sponsors fewer wallets than none");
    this.#counts[sponsor] = count;
  }
}
