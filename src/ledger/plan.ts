/**
 * What an operation does at its place: its effects, all or none, or the reason why it is declined. Nothing is
 * changed here. The operation is valid at the place: `checkOperation` and `checkPlace` passed before.
 */
import { type Amount, addAmounts } from "../primitives/amount.ts";
import { assert, unreachable } from "../primitives/assert.ts";
import type { Digest } from "../primitives/hash.ts";
import { deriveWalletId } from "../primitives/ids.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { CeremonyStep } from "../primitives/operations/ceremony.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import type { DeclineReason } from "../primitives/result.ts";
import type { CeremonyRecord } from "./ceremony-record.ts";
import { applyCeremonyStep } from "./ceremony-steps.ts";
import type { LedgerContext } from "./context.ts";
import type { Place } from "./place.ts";
import { appendEntry, unwrittenWallet, type WalletRecord } from "./wallet.ts";
import { isExpired } from "./window.ts";

export type Plan =
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  | {
      readonly kind: "applied";
      /** New records of the wallets it changes. */
      readonly wallets: readonly WalletRecord[];
      /** Supply after, of the asset in which it creates money. */
      readonly supply?: { readonly asset: number; readonly after: Amount };
      readonly ceremony?: CeremonyRecord;
    };

/** The reasons are judged in the order of L11; the first that holds is given. */
export function planOperation(context: LedgerContext, place: Place, signed: SignedOperation): Plan {
  const { operation, hash } = signed;
  if (isExpired({ validUntil: operation.validUntil, time: place.time })) return decline("expired");
  switch (operation.kind) {
    case "walletCreation":
      return planCreation(context, place, operation, signed);
    case "transfer":
      return planTransfer(context, place, operation, hash);
    case "ceremonyOpen":
    case "ceremonyRound1":
    case "ceremonyShares":
    case "ceremonyConfirm":
    case "ceremonyComplaint":
      return planCeremonyStep(context, place, operation);
    default:
      return unreachable(operation);
  }
}

function planCreation(
  context: LedgerContext,
  place: Place,
  creation: WalletCreation,
  signed: SignedOperation,
): Plan {
  const { publicKey, initialBalance } = creation;
  const sponsor = signed.sponsor?.validator;
  const asset = context.assetIndex(creation.asset);
  assert(asset !== undefined, "a creation of an unknown asset is invalid");
  const wallet = { networkId: context.networkId, publicKey, creationId: creation.id };
  const id = deriveWalletId(context.hash, wallet);
  if (place.wallet(id) !== undefined) return decline("walletExists");
  if (sponsor !== undefined && place.unfundedOf(sponsor) >= quotaOf(context)) {
    return decline("sponsorQuotaUsed");
  }
  const delta = initialBalance ?? 0n;
  const entry = { height: place.height, operationHash: signed.hash, delta };
  const empty = unwrittenWallet({ id, publicKey, asset, sponsor });
  if (initialBalance === undefined) {
    return { kind: "applied", wallets: [appendEntry(context, empty, entry)] };
  }
  const after = addAmounts(place.supply(asset), initialBalance);
  if (after === "overflow") return decline("overflow");
  const wallets = [appendEntry(context, empty, entry)];
  return { kind: "applied", wallets, supply: { asset, after } };
}

function planTransfer(
  context: LedgerContext,
  place: Place,
  transfer: Transfer,
  operationHash: Digest,
): Plan {
  const payer = place.wallet(transfer.from);
  assert(payer !== undefined, "a transfer of an unknown payer is invalid");
  const payee = place.wallet(transfer.to);
  if (payee === undefined) return decline("unknownPayee");
  if (payee.asset !== payer.asset) return decline("assetMismatch");
  if (payer.balance < transfer.amount) return decline("insufficientFunds");
  if (addAmounts(payee.balance, transfer.amount) === "overflow") return decline("overflow");
  const entry = { height: place.height, operationHash };
  return {
    kind: "applied",
    wallets: [
      appendEntry(context, payer, { ...entry, delta: -transfer.amount }),
      appendEntry(context, payee, { ...entry, delta: transfer.amount }),
    ],
  };
}

function planCeremonyStep(context: LedgerContext, place: Place, step: CeremonyStep): Plan {
  const member = context.validatorOf(step.author);
  assert(member !== undefined, "a step of anyone but a validator is invalid");
  const at = { member, time: place.time };
  const ceremony = applyCeremonyStep(context, place.ceremony, step, at);
  if (ceremony === "outOfPlace") return decline("ceremonyStepOutOfPlace");
  return { kind: "applied", wallets: [], ceremony };
}

/** Wallets that hold no money any more count too, so a member may be above it. */
function quotaOf({ genesis }: LedgerContext): number {
  return genesis.limits.unfundedPerSponsorMax;
}

function decline(reason: DeclineReason): Plan {
  return { kind: "declined", reason };
}
