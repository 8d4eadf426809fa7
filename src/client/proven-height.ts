/** The height that the chain is proven to have. An answer from below is stale, and one that contradicts it is a lie. */
import type { Header } from "../primitives/block.ts";
import { GatewayFault, StaleAnswer } from "./ledger-error.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";

/** The state from which a gateway says that it answered. */
export interface ToldState {
  readonly height: bigint;
  /** Milliseconds since the epoch. */
  readonly blockTime: bigint;
  /** The gateway's own word that it is behind. */
  readonly lagging: boolean;
}

export class ProvenHeight {
  #height = 0n;
  #time = 0n;

  get height(): bigint {
    return this.#height;
  }

  /** A height that only a gateway names does not count: one that names a height far above would make all others look stale. */
  note({ certifiedHeader }: Pick<VerifiedReceipt, "certifiedHeader">): void {
    const { height, time }: Pick<Header, "height" | "time"> = certifiedHeader;
    if (BigInt(height) <= this.#height) return;
    this.#height = BigInt(height);
    this.#time = BigInt(time);
  }

  /** Throws StaleAnswer or GatewayFault. `oldest`: the earliest block time that the caller takes. */
  check({ height, blockTime, lagging }: ToldState, oldest = 0n): void {
    if (height >= this.#height && blockTime < this.#time) {
      throw new GatewayFault(
        `block ${height} is at time ${blockTime}, before that of a proven block below`,
      );
    }
    if (height < this.#height) {
      throw new StaleAnswer(`the state is of block ${height}, but block ${this.#height} is final`);
    }
    if (lagging) throw new StaleAnswer(`the node lags at block ${height}`);
    if (blockTime < oldest) {
      throw new StaleAnswer(`the newest block of the node is of time ${blockTime}`);
    }
  }
}
