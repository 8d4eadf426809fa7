// The finalized chain of one node, as the checks read it: what was ordered, in which place, with which outcome.

export interface ChainOperation {
  /** As in the history: "payer's wallet/id", "wallet/id"; other operations by kind and id. */
  readonly key: string;
  /** "applied" or the reason of the decline. */
  readonly status: string;
  readonly effect:
    | {
        readonly kind: "transfer";
        readonly from: string;
        readonly to: string;
        readonly amount: bigint;
      }
    | {
        readonly kind: "creation";
        readonly wallet: string;
        readonly asset: number;
        readonly amount: bigint;
      }
    | { readonly kind: "other" };
}

export interface ChainBlock {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Per asset. */
  readonly supply: readonly bigint[];
  readonly operations: readonly ChainOperation[];
}

export interface NodeChain {
  readonly node: string;
  /** Ascending, without a gap. */
  readonly blocks: readonly ChainBlock[];
}

/** Where an operation was ordered, and with what outcome. */
export interface Place {
  readonly height: number;
  readonly status: string;
}

/** Every ordered operation by its key; a key that was ordered twice keeps its first place. */
export function placesOf(chain: NodeChain): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { height, operations } of chain.blocks) {
    for (const { key, status } of operations) {
      if (!places.has(key)) places.set(key, { height, status });
    }
  }
  return places;
}
