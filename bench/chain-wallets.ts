/** Wallets of a history that a benchmark writes: keys and ids follow from a seed, so that a load can pay from them later. */
import { sha256, signingKeyOf } from "../src/node/base/crypto.ts";
import { concatBytes, utf8 } from "../src/primitives/bytes.ts";
import type { NetworkId, OperationId, WalletId } from "../src/primitives/ids.ts";
import { deriveWalletId, uuidFromDigest } from "../src/primitives/ids.ts";
import type { SigningKey } from "../src/primitives/signature.ts";

export interface ChainWallet {
  readonly key: SigningKey;
  readonly creationId: OperationId;
}

export function chainWallet(seed: Uint8Array, place: number): ChainWallet {
  const of = (what: string) => sha256(concatBytes(seed, utf8(`${what} ${place}`)));
  return { key: signingKeyOf(of("key")), creationId: uuidFromDigest(of("creation")) };
}

export function walletIdOf(networkId: NetworkId, { key, creationId }: ChainWallet): WalletId {
  return deriveWalletId(sha256, { networkId, publicKey: key.publicKey, creationId });
}
