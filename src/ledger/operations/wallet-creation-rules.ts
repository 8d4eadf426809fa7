/** The rules of wallet creations: with money by an issuer (L12), without money by the wallet's own key and a sponsor (L13). */
import { addAmounts } from "../../primitives/amount.ts";
import { assert } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import {
  createdWalletId,
  type WalletCreation,
} from "../../primitives/operations/wallet-creation.ts";
import { createdWallet } from "../wallet-record.ts";
import { decline, type OperationRules } from "./rules.ts";

export const WALLET_CREATION_RULES: OperationRules<WalletCreation> = {
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
  plan(context, place, creation, signed) {
    const { initialBalance } = creation;
    const sponsor = signed.sponsor?.validator;
    const asset = context.assetIndex(creation.asset);
    assert(asset !== undefined, "a creation of an unknown asset is invalid");
    const id = createdWalletId(context, creation);
    if (place.wallet(id) !== undefined) return decline("walletExists");
    // L27: the quota of its sponsor.
    const { unfundedPerSponsorMax } = context.genesis.limits;
    if (sponsor !== undefined && place.unfundedOf(sponsor) >= unfundedPerSponsorMax) {
      return decline("sponsorQuotaUsed");
    }
    const at = { height: place.height, operationHash: signed.hash };
    const wallets = [createdWallet(context, { id, asset, sponsor }, creation, at)];
    if (initialBalance === undefined) return { kind: "applied", wallets };
    const after = addAmounts(place.supply(asset), initialBalance);
    if (after === "overflow") return decline("overflow");
    return { kind: "applied", wallets, supply: { asset, after } };
  },

  payment: () => undefined,
  movements: (network, creation) => [
    { wallet: createdWalletId(network, creation), delta: creation.initialBalance ?? 0n },
  ],
  needsSponsor: ({ initialBalance }) => initialBalance === undefined,
  creates: createdWalletId,
  innerSignatures: () => [],
};
