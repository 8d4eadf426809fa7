/** The reasons why an operation is invalid; a block that holds an invalid operation is invalid too (L9). */
import type { EncodingErrorCode } from "../primitives/encoding.ts";

export type InvalidReason =
  /** The bytes: no canonical encoding, of another network, or above a limit. */
  | EncodingErrorCode
  /** The block as a whole. */
  | "timeBeforeParent"
  | "tooManyOperations"
  | "tooManyBytes"
  | "rulesetUnknown"
  /** The operation by itself. */
  | "zeroAmount"
  | "payerIsPayee"
  | "referenceTooLong"
  | "unknownAsset"
  | "invalidPublicKey"
  | "authorIsNotIssuer"
  | "authorIsNotWalletKey"
  | "authorIsNotValidator"
  | "sponsorMissing"
  | "sponsorNotDue"
  | "activationIdIsNotPlans"
  | "approvalMissing"
  | "unknownSponsor"
  /** The operation at its place. */
  | "kindNotActive"
  | "activationNotDue"
  | "rulesetNotNew"
  | "validUntilTooEarly"
  | "validUntilTooLate"
  | "idUsed"
  | "sponsorCapReached"
  | "unknownPayer"
  | "authorIsNotPayer"
  | "assetIsNotPayers"
  | "wrongSignature";

export interface Invalid {
  readonly kind: "invalid";
  readonly reason: InvalidReason;
  /** Place of the operation in the block, from 0; absent if the block as a whole is at fault. */
  readonly index?: number | undefined;
}
