// The key by which the history and the chains name an operation.
import type { Hash } from "../../../src/primitives/hash.ts";
import type { NetworkId } from "../../../src/primitives/ids.ts";
import { operationKey } from "../../../src/primitives/operation.ts";
import type { Operation } from "../../../src/primitives/operation-kinds.ts";
import { createdWalletId } from "../../../src/primitives/operations/wallet-creation.ts";

interface Network {
  readonly hash: Hash;
  readonly networkId: NetworkId;
}

export function nameOf(network: Network, operation: Operation): string {
  if (operation.kind === "transfer") return operationKey(operation);
  if (operation.kind === "walletCreation") return `wallet/${createdWalletId(network, operation)}`;
  return `${operation.kind}/${operationKey(operation)}`;
}
