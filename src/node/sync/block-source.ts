/** The peers as a source of blocks, for every part that fetches blocks. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { BlocksQuery, FetchedBlocks } from "../../transport/peer-api.ts";

export interface BlockSource {
  readonly others: readonly ValidatorIndex[];
  /** A peer's answer; undefined if it gave none. */
  fetchBlocks(peer: ValidatorIndex, query: BlocksQuery): Promise<FetchedBlocks | undefined>;
}
