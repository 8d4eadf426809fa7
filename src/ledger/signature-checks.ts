/** The signatures that an operation must carry, as checks that somebody else performs (L2, K9). */
import { encodeKeyCertificateBody } from "../primitives/key-certificate.ts";
import type { Epoch } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { SignatureCheck } from "../primitives/signature.ts";
import type { LedgerContext } from "./context.ts";

/**
 * The author's signature; a sponsor's custody-key signature over the same bytes; and for a confirm the member's
 * identity signature over the key certificate of `ceremonyEpoch` (the record's). Undefined if the sponsor is
 * nobody: then no signature can hold.
 */
export function signatureChecks(
  context: LedgerContext,
  signed: SignedOperation,
  ceremonyEpoch: Epoch,
): SignatureCheck[] | undefined {
  const { operation, signature, sponsor, unsignedBytes } = signed;
  const checks = [{ publicKey: operation.author, message: unsignedBytes, signature }];
  if (sponsor !== undefined) {
    const validator = context.members(ceremonyEpoch)[sponsor.validator];
    if (validator === undefined) return undefined;
    checks.push({
      publicKey: validator.custodyKey,
      message: unsignedBytes,
      signature: sponsor.signature,
    });
  }
  if (operation.kind === "ceremonyConfirm") {
    const message = encodeKeyCertificateBody({
      networkId: context.networkId,
      epoch: ceremonyEpoch,
      groupKey: operation.groupKey,
      threshold: context.threshold,
      transcriptHash: operation.transcriptHash,
    });
    const { author, certificateSignature } = operation;
    checks.push({ publicKey: author, message, signature: certificateSignature });
  }
  return checks;
}
