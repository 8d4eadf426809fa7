/** The state root of a header: the root over the wallets, joined with the ceremony record (L17). */
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { TAGS } from "../primitives/tags.ts";

/** hash(tag, network id, wallet root, hash of the ceremony record). */
export function stateRootOf(
  network: { readonly hash: Hash; readonly networkId: NetworkId },
  parts: { readonly walletRoot: Digest; readonly ceremonyHash: Digest },
): Digest {
  return new Encoder()
    .tag(TAGS.stateRoot)
    .fixed(network.networkId, DIGEST_LENGTH)
    .fixed(parts.walletRoot, DIGEST_LENGTH)
    .fixed(parts.ceremonyHash, DIGEST_LENGTH)
    .digest(network.hash);
}
