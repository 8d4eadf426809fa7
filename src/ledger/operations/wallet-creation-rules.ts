/** The rules of wallet creations: with money by an issuer (L12), without money by the wallet's own key and a sponsor (L13). */
import { addAmounts } from "../../primitives/amount.ts";
import { assert } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import {
  createdWalletId,
  type WalletCreation,
} from "../../primitives/operations/wallet-creation.ts";
import type { LedgerContext } from "../context.ts";
import { FIRST_RULESET } from "../rulesets.ts";
import { createdWallet } from "../wallet-record.ts";
import { decline, type OperationRules } from "./rules.ts";

export const WALLET_CREATION_RULES: OperationRules<WalletCreation> = {
  since: FIRST_RULESET,

  check(context, creation, { sponsor }) {
    if (creation.initialBalance === 0n) return "malformed";
    if (context.assetIndex(creation.asset) === undefined) return "unknownAsset";
    if (creation.initialBalance !== undefined) {
      if (!context.isIssuer(creation.author)) return "authorIsNotIssuer";
      if (sponsor !== undefined) return "sponsorNotDue";
    } else {
      if (!equalBytes(creation.author, creation.publicKey)) return "authorIsNotWalletKey";
      if (sponsor === undefined) return "sponsorMissing";
    }
    return context.isValidPoint(creation.publicKey) ? undefined : "invalidPublicKey";
  },

  checkPlace: () => undefined,

  /** A wallet that has lost its money counts against the quota again, so a member may be above its quota. */
  whyDeclined(context, place, creation, signed) {
    const { initialBalance } = creation;
    const sponsor = signed.sponsor?.validator;
    if (place.wallet(createdWalletId(context, creation)) !== undefined) return "walletExists";
    // L27: the quota of its sponsor.
    const { unfundedPerSponsorMax } = context.genesis.limits;
    if (sponsor !== undefined && place.unfundedOf(sponsor) >= unfundedPerSponsorMax) {
      return "sponsorQuotaUsed";
    }
    if (initialBalance === undefined) return undefined;
    const after = addAmounts(place.supply(assetOf(context, creation)), initialBalance);
    return after === "overflow" ? "overflow" : undefined;
  },

  plan(context, place, creation, signed) {
    const reason = this.whyDeclined(context, place, creation, signed);
    if (reason !== undefined) return decline(reason);
    const [id, asset] = [createdWalletId(context, creation), assetOf(context, creation)];
    const sponsor = signed.sponsor?.validator;
    const at = { height: place.height, operationHash: signed.hash };
    const wallets = [createdWallet(context, { id, asset, sponsor }, creation, at)];
    const { initialBalance } = creation;
    if (initialBalance === undefined) return { kind: "applied", wallets };
    const after = addAmounts(place.supply(asset), initialBalance);
    assert(after !== "overflow", "a creation beyond every supply is declined");
    return { kind: "applied", wallets, supply: { asset, after } };
  },

  payment: () => undefined,
  backing: () => undefined,
  movements: (network, creation) => [
    { wallet: createdWalletId(network, creation), delta: creation.initialBalance ?? 0n },
  ],
  needsSponsor: ({ initialBalance }) => initialBalance === undefined,
  creates: createdWalletId,
  innerSignatures: () => [],
};

function assetOf(context: LedgerContext, creation: WalletCreation): number {
  const asset = context.assetIndex(creation.asset);
  assert(asset !== undefined, "a creation of an unknown asset is invalid");
  return asset;
}
