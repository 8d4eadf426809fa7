// The key by which history and chains speak of an operation.
import type { Hash } from "../../src/primitives/hash.ts";
import { deriveWalletId, type NetworkId } from "../../src/primitives/ids.ts";
import { operationKey } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import type { WalletCreation } from "../../src/primitives/operations/wallet-creation.ts";

interface Network {
  readonly hash: Hash;
  readonly networkId: NetworkId;
}

export function nameOf(network: Network, operation: Operation): string {
  if (operation.kind === "transfer") return operationKey(operation);
  if (operation.kind === "walletCreation") return `wallet/${createdWallet(network, operation)}`;
  return `${operation.kind}/${operationKey(operation)}`;
}

export function createdWallet({ hash, networkId }: Network, creation: WalletCreation): string {
  const { publicKey, id: creationId } = creation;
  return deriveWalletId(hash, { networkId, publicKey, creationId });
}
