/**
 * What makes an operation, and with it its block, invalid (L9): first what can be seen on the operation
 * alone, then what depends on its place, a block time on a branch. Admission uses both, as execution does.
 */
import { unreachable } from "../primitives/assert.ts";
import { equalBytes, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import type { LedgerContext } from "./context.ts";
import { FIRST_EPOCH } from "./epochs.ts";
import type { InvalidReason } from "./invalid-reason.ts";
import type { Place } from "./place.ts";
import { checkWindow, earliestDeadline } from "./window.ts";

/**
 * What is wrong with the operation wherever it stands; signatures are listed by `signatureChecks`. A key's point costs
 * as much as a signature: what was found good once is not looked at again.
 */
export function checkOperation(
  context: LedgerContext,
  signed: SignedOperation,
): InvalidReason | undefined {
  if (context.good.has(signed)) return undefined;
  const reason = whyBad(context, signed);
  if (reason === undefined) context.good.add(signed);
  return reason;
}

function whyBad(context: LedgerContext, signed: SignedOperation): InvalidReason | undefined {
  const { operation } = signed;
  if (signed.bytes.length > LIMITS.operationBytesMax) return "limit";
  if (operation.kind === "walletCreation") return checkCreation(context, signed, operation);
  if (signed.sponsor !== undefined) return "sponsorNotDue";
  switch (operation.kind) {
    case "transfer":
      return checkTransfer(context, operation);
    case "ceremonyOpen":
    case "ceremonyRound1":
    case "ceremonyShares":
    case "ceremonyConfirm":
    case "ceremonyComplaint":
      return context.validatorOf(operation.author) === undefined
        ? "authorIsNotValidator"
        : undefined;
    default:
      return unreachable(operation);
  }
}

/** What is wrong with the operation at this place, signatures aside (L9, L10). `checkOperation` passed before. */
export function checkPlace(
  context: LedgerContext,
  place: Place,
  signed: SignedOperation,
): InvalidReason | undefined {
  const { operation, sponsor } = signed;
  const { limits, timings } = context.genesis;
  const { time } = place;
  const outside = checkWindow(timings, { validUntil: operation.validUntil, time });
  if (outside !== undefined) return outside;
  if (place.usedIds.has(signed.key, earliestDeadline(timings, time))) return "idUsed";
  if (
    sponsor !== undefined &&
    place.sponsoredBy(sponsor.validator) >= limits.sponsoredPerBlockMax
  ) {
    return "sponsorCapReached";
  }
  if (operation.kind !== "transfer") return undefined;
  const payer = place.wallet(operation.from);
  if (payer === undefined) return "unknownPayer";
  if (!equalBytes(payer.publicKey, operation.author)) return "authorIsNotPayer";
  return context.assetIndex(operation.asset) === payer.asset ? undefined : "assetIsNotPayers";
}

/** The asset by itself: whether the payer holds it is judged at its place (L14). */
function checkTransfer(context: LedgerContext, transfer: Transfer): InvalidReason | undefined {
  if (transfer.amount === 0n) return "zeroAmount";
  if (transfer.from === transfer.to) return "payerIsPayee";
  if (context.assetIndex(transfer.asset) === undefined) return "unknownAsset";
  const { reference } = transfer;
  if (reference === undefined) return undefined;
  return utf8(reference).length > LIMITS.referenceLengthMax ? "referenceTooLong" : undefined;
}

/** Money by an issuer (L12), a wallet without money by its own key and a sponsor (L13). */
function checkCreation(
  context: LedgerContext,
  { sponsor }: SignedOperation,
  creation: WalletCreation,
): InvalidReason | undefined {
  if (creation.initialBalance === 0n) return "malformed";
  if (context.assetIndex(creation.asset) === undefined) return "unknownAsset";
  if (creation.initialBalance !== undefined) {
    if (!context.isIssuer(creation.author)) return "authorIsNotIssuer";
    if (sponsor !== undefined) return "sponsorNotDue";
  } else {
    if (!equalBytes(creation.author, creation.publicKey)) return "authorIsNotWalletKey";
    if (sponsor === undefined) return "sponsorMissing";
    if (context.members(FIRST_EPOCH)[sponsor.validator] === undefined) return "unknownSponsor";
  }
  return context.isValidPoint(creation.publicKey) ? undefined : "invalidPublicKey";
}
