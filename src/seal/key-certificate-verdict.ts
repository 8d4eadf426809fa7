/** Verifies a key certificate, and so its group key, against the genesis alone (K9). */
import { equalBytes } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { type KeyCertificate, keyCertificateChecks } from "../primitives/key-certificate.ts";
import type { IsValidPoint, Verify } from "../primitives/signature.ts";
import { quorumOf, type Validator } from "../primitives/validators.ts";

export type KeyCertificateVerdict =
  | "valid"
  | "wrongNetwork"
  | "wrongThreshold"
  | "invalidGroupKey"
  | "noQuorum"
  | "wrongSignature";

/** Requires valid signatures from a quorum of the validators in the genesis. */
export function verifyKeyCertificate(
  judges: { readonly networkId: NetworkId; readonly validators: readonly Validator[] },
  certificate: KeyCertificate,
  check: { readonly verify: Verify; readonly isValidPoint: IsValidPoint },
): KeyCertificateVerdict {
  const { networkId, validators } = judges;
  if (!equalBytes(certificate.networkId, networkId)) return "wrongNetwork";
  if (certificate.threshold !== quorumOf(validators.length)) return "wrongThreshold";
  if (!check.isValidPoint(certificate.groupKey)) return "invalidGroupKey";
  const checks = keyCertificateChecks(validators, certificate);
  if (checks === undefined) return "noQuorum";
  return checks.every(check.verify) ? "valid" : "wrongSignature";
}
