/** Wallets whose keys are kept here, and reads that these sign, so that a node asks for no token. */
import type { CallOptions } from "@connectrpc/connect";
import { signedBy } from "../client/signed-reads.ts";
import type { Wallet } from "../client/wallet.ts";
import { WalletFolder } from "../client/wallet-folder.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import type { Values } from "./command.ts";
import { openWalletKeys, type WALLET_KEY_OPTIONS } from "./wallet-keys.ts";

export type ReadOptions = Pick<CallOptions, "contextValues">;

/** The options of calls that read each of these wallets; none for a wallet whose key is not here, or of another network. */
export async function ownReads(
  command: string,
  values: Values<typeof WALLET_KEY_OPTIONS>,
  networkId: NetworkId,
  ids: readonly WalletId[],
): Promise<ReadonlyMap<WalletId, ReadOptions>> {
  const held = await WalletFolder.held(values.wallets, ids);
  if (held.length === 0) return new Map();
  const keys = await openWalletKeys(command, values, false);
  const reads = new Map<WalletId, ReadOptions>();
  for (const id of held) {
    const kept = await keys?.load(networkId, id);
    if (kept !== undefined) reads.set(id, signedBy(kept.wallet));
  }
  await keys?.close();
  return reads;
}

/** Undefined if the key of the wallet is not here. */
export async function ownWallet(
  command: string,
  values: Values<typeof WALLET_KEY_OPTIONS>,
  networkId: NetworkId,
  id: WalletId,
): Promise<Wallet | undefined> {
  const keys = await openWalletKeys(command, values, false);
  const wallet = (await keys?.load(networkId, id))?.wallet;
  await keys?.close();
  return wallet;
}
