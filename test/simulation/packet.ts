/** Packets of the simulated network. */
import type { Message } from "../../src/consensus/message.ts";
import type { Block } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { Digest } from "../../src/primitives/hash.ts";

export type Packet =
  | { readonly kind: "consensus"; readonly message: Message }
  | { readonly kind: "application"; readonly bytes: Bytes }
  | { readonly kind: "fetch"; readonly hash: Digest; readonly above: number }
  | { readonly kind: "blocks"; readonly blocks: readonly Block[] };
