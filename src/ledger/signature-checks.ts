/** The signatures that an operation must carry, as checks for the caller to perform (L2, K9). */
import type { Epoch } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { SignatureCheck } from "../primitives/signature.ts";
import type { LedgerContext } from "./context.ts";
import { rulesOf } from "./operation-rules.ts";

/**
 * The author's signature, a sponsor's custody-key signature over the same bytes, and signatures inside the operation: a
 * confirm holds one over the key certificate of `ceremonyEpoch` (the record's). Undefined if the sponsor is not a
 * member: then no signature can hold.
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
  return [...checks, ...rulesOf(operation).innerSignatures(context, operation, ceremonyEpoch)];
}
