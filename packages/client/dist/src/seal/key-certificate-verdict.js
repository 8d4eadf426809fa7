/** Verifies a key certificate, and so its group key, against the genesis alone (K9). */
import { equalBytes } from "../primitives/bytes.js";
import { keyCertificateChecks } from "../primitives/key-certificate.js";
import { quorumOf } from "../primitives/validators.js";
/** Requires valid signatures from a quorum of the validators in the genesis. */
export function verifyKeyCertificate(judges, certificate, check) {
    const { networkId, validators } = judges;
    if (!equalBytes(certificate.networkId, networkId))
        return "wrongNetwork";
    if (certificate.threshold !== quorumOf(validators.length))
        return "wrongThreshold";
    if (!check.isValidPoint(certificate.groupKey))
        return "invalidGroupKey";
    const checks = keyCertificateChecks(validators, certificate);
    if (checks === undefined)
        return "noQuorum";
    return checks.every(check.verify) ? "valid" : "wrongSignature";
}
