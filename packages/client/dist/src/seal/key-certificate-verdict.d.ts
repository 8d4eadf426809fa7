import type { NetworkId } from "../primitives/ids.ts";
import { type KeyCertificate } from "../primitives/key-certificate.ts";
import type { IsValidPoint, Verify } from "../primitives/signature.ts";
import { type Validator } from "../primitives/validators.ts";
export type KeyCertificateVerdict = "valid" | "wrongNetwork" | "wrongThreshold" | "invalidGroupKey" | "noQuorum" | "wrongSignature";
/** Requires valid signatures from a quorum of the validators in the genesis. */
export declare function verifyKeyCertificate(judges: {
    readonly networkId: NetworkId;
    readonly validators: readonly Validator[];
}, certificate: KeyCertificate, check: {
    readonly verify: Verify;
    readonly isValidPoint: IsValidPoint;
}): KeyCertificateVerdict;
