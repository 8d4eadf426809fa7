/**
 * The wallets that are a caller's own: custodial ones of this gateway that it had created, and the one whose key signed its
 * request. All others look as if there were none, unless the caller may read everything.
 */
import { readsForeignWallets } from "../../access/call-scopes.ts";
import {
  type Caller,
  isWallet,
  OPEN_CALLER,
  type Principal,
  walletPrincipal,
} from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import {
  createdWalletId,
  type WalletCreation,
} from "../../primitives/operations/wallet-creation.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import type { Custody } from "./custody.ts";
import type { Receipts } from "./receipts.ts";

export interface OwnershipParts {
  readonly context: LedgerContext;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history">;
    readonly operations: Pick<Store["operations"], "loadCreation">;
    readonly walletOwners: Store["walletOwners"];
  };
  readonly custody: Pick<Custody, "publicKey" | "signedBefore">;
  readonly receipts: Pick<Receipts, "operationAt">;
  /** Owns the custodial wallets that have no owner. */
  readonly unownedWallets?: Principal | undefined;
}

export interface OwnedWallet {
  readonly id: WalletId;
  readonly publicKey: PublicKey;
}

/**
 * A claim is recorded before the order leaves, and the order may never be applied. "void": another order created the wallet,
 * or none did. "open": this node does not hold the block that would tell.
 */
type Claim = "proven" | "void" | "open";

export class Ownership {
  readonly #parts: OwnershipParts;
  /** Wallets whose claim is proven, which stays so: creations are final. */
  readonly #proven = new RecencyMap<WalletId, true>();

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  /** True if the principal may own wallets that it never claimed, so that only a look at all wallets finds its own. */
  ownsUnclaimed(principal: Principal): boolean {
    return principal === OPEN_CALLER.principal || principal === this.#parts.unownedWallets;
  }

  /** True if this gateway keeps the wallet's key for this principal. */
  async isCustodian({ id, publicKey }: OwnedWallet, principal: Principal): Promise<boolean> {
    const { custody, store, unownedWallets } = this.#parts;
    if (!equalBytes(publicKey, custody.publicKey)) return false;
    if (principal === OPEN_CALLER.principal) return true;
    const claimant = await store.walletOwners.ownerOf(id);
    // Others learn nothing from the time that the look at the claim takes.
    if (principal !== claimant && principal !== unownedWallets) return false;
    const claim = await this.#judge(id, claimant);
    if (claim === "proven") return principal === claimant;
    return claim === "void" && principal === unownedWallets;
  }

  async mayRead(wallet: OwnedWallet, caller: Caller): Promise<boolean> {
    if (readsForeignWallets(caller)) return true;
    if (isWallet(caller)) return caller.principal === walletPrincipal(wallet.id);
    return await this.isCustodian(wallet, caller.principal);
  }

  /** True if the wallet was created by the order that this gateway signed for this principal. */
  async isCreator(wallet: WalletId, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return true;
    const claimant = await this.#parts.store.walletOwners.ownerOf(wallet);
    return claimant === principal && (await this.#judge(wallet, claimant)) === "proven";
  }

  /** True if this gateway signed an order under the creation's id for this principal: `ordered`, if that is given. */
  async isOrderer(
    creation: WalletCreation,
    principal: Principal,
    ordered?: SignedOperation,
  ): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return true;
    const held = await this.#parts.custody.signedBefore(principal, creation);
    return held !== undefined && (ordered === undefined || equalBytes(held.hash, ordered.hash));
  }

  /** True if the creation is another principal's. */
  async isTaken(creation: WalletCreation, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return false;
    const { context, store } = this.#parts;
    const claimant = await store.walletOwners.ownerOf(createdWalletId(context, creation));
    return claimant === undefined ? await this.#isOpensOrder(creation) : claimant !== principal;
  }

  /**
   * Claims a wallet about to be created for the principal; false if it is another one's. The open principal's claims are
   * recorded nowhere, so its orders count: one may be under way since the node was open.
   */
  async claim(creation: WalletCreation, principal: Principal): Promise<boolean> {
    if (principal === OPEN_CALLER.principal) return true;
    if (await this.#isOpensOrder(creation)) return false;
    const { context, store } = this.#parts;
    const wallet = createdWalletId(context, creation);
    return (await store.walletOwners.claim(wallet, principal)) === principal;
  }

  async #isOpensOrder(creation: WalletCreation): Promise<boolean> {
    const held = await this.#parts.custody.signedBefore(OPEN_CALLER.principal, creation);
    return held !== undefined;
  }

  /** A claim holds if the wallet was created by the very order that was journaled for its principal. */
  async #judge(wallet: WalletId, claimant: Principal | undefined): Promise<Claim> {
    if (claimant === undefined) return "void";
    if (this.#proven.get(wallet) === true) return "proven";
    const { store, custody, receipts } = this.#parts;
    const location = await store.operations.loadCreation(wallet);
    if (location === undefined) return isWhole(store.blocks.history) ? "void" : "open";
    const applied = await receipts.operationAt(location);
    // Only a block without a creation by this gateway loses its contents (src/node/sync/pruning.ts).
    if (applied === undefined) return "open";
    const { operation } = applied;
    if (!equalBytes(operation.author, custody.publicKey)) return "void";
    const held = await custody.signedBefore(claimant, operation);
    if (held === undefined || !equalBytes(held.hash, applied.hash)) return "void";
    this.#proven.remember(wallet, true, LIMITS.provenOwnersMax);
    return "proven";
  }
}
