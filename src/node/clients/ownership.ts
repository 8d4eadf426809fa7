/**
 * The wallets that are a caller's own: custodial ones of this gateway that it had created, and the one whose key signed its
 * request. All others look as if there were none, unless the caller may read everything.
 */
import { readsForeignWallets } from "../../access/call-scopes.ts";
import {
  type Caller,
  OPEN_CALLER,
  type Principal,
  walletPrincipal,
} from "../../access/principal.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { WalletId } from "../../primitives/ids.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { WalletOwners } from "../../storage/contracts.ts";

export interface OwnershipParts {
  readonly owners: WalletOwners;
  readonly custodyKey: { readonly publicKey: PublicKey };
  /** Owns the custodial wallets for which no owner is recorded. */
  readonly unownedWallets?: Principal | undefined;
}

export interface OwnedWallet {
  readonly id: WalletId;
  readonly publicKey: PublicKey;
}

export class Ownership {
  readonly #parts: OwnershipParts;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  /** True if this gateway keeps the wallet's key for this principal. */
  async isCustodian({ id, publicKey }: OwnedWallet, principal: Principal): Promise<boolean> {
    const { owners, custodyKey, unownedWallets } = this.#parts;
    if (!equalBytes(publicKey, custodyKey.publicKey)) return false;
    if (principal === OPEN_CALLER.principal) return true;
    return ((await owners.ownerOf(id)) ?? unownedWallets) === principal;
  }

  async mayRead(wallet: OwnedWallet, caller: Caller): Promise<boolean> {
    if (readsForeignWallets(caller) || caller.principal === walletPrincipal(wallet.id)) return true;
    return await this.isCustodian(wallet, caller.principal);
  }

  /** True if this gateway signed the wallet's creation for this principal. */
  async isCreator(wallet: WalletId, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return true;
    return (await this.#parts.owners.ownerOf(wallet)) === principal;
  }

  /** True if the creation is another principal's. */
  async isTaken(wallet: WalletId, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return false;
    const owner = await this.#parts.owners.ownerOf(wallet);
    return owner !== undefined && owner !== principal;
  }

  /** Makes the principal the owner of a wallet about to be created; false if another one is. The open one is recorded nowhere. */
  async claim(wallet: WalletId, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return true;
    return (await this.#parts.owners.claim(wallet, principal)) === principal;
  }
}
