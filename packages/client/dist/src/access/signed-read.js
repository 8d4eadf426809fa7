/**
 * A signed read: a call that reads one wallet, signed with the key of that wallet (docs/signing.md). The signed text
 * names the network, the node, the call, the wallet, the time and the digest of the body, so a signature is good for
 * exactly one request to one node. Reading again changes nothing, so within its time it may be repeated.
 */
import { assert } from "../primitives/assert.js";
import { fromHex, toHex, utf8 } from "../primitives/bytes.js";
import { Encoder } from "../primitives/encoding.js";
import { parseUuid } from "../primitives/ids.js";
import { TAGS } from "../primitives/tags.js";
/** The authentication scheme of the header `authorization` (RFC 9110 section 11.4), in any case. */
export const SIGNED_READ_SCHEME = "Countersign-Wallet";
const SCHEME = new RegExp(`^${SIGNED_READ_SCHEME}(?: |$)`, "i");
/** One form: the parameters in this order, one comma and one space between them, hexadecimal digits in lower case. */
const CREDENTIAL = /^[^ ]+ wallet=([0-9a-f-]{36}), time=(0|[1-9][0-9]{0,14}), digest=([0-9a-f]{64}), signature=([0-9a-f]{128})$/;
/** The signed bytes: the tag, then one line for each value. No value contains a line feed, so the lines are unambiguous. */
export function encodeSignedRead(read) {
    const { networkId, node, call, wallet, signedAt, bodyDigest } = read;
    assert(Number.isSafeInteger(signedAt) && signedAt >= 0, "a time is a number of milliseconds");
    const values = [toHex(networkId), node, call, wallet, String(signedAt), toHex(bodyDigest)];
    assert(values.every((value) => /^[!-~]+$/.test(value)), "a signed value is printable ASCII without spaces");
    const lines = utf8(`\n${values.join("\n")}\n`);
    return new Encoder().tag(TAGS.signedRead).fixed(lines, lines.length).finish();
}
export function formatReadCredential(credential) {
    const { wallet, signedAt, bodyDigest, signature } = credential;
    const digest = toHex(bodyDigest);
    return `${SIGNED_READ_SCHEME} wallet=${wallet}, time=${signedAt}, digest=${digest}, signature=${toHex(signature)}`;
}
/** True for a header of this scheme, well-formed or not. */
export function isSignedRead(authorization) {
    return SCHEME.test(authorization);
}
/** Undefined unless the header has exactly the form that `formatReadCredential` writes; the scheme may be in any case. */
export function parseReadCredential(authorization) {
    if (!isSignedRead(authorization))
        return undefined;
    const [, id = "", time = "", digest = "", signed = ""] = CREDENTIAL.exec(authorization) ?? [];
    const [wallet, bodyDigest, signature] = [parseUuid(id), fromHex(digest), fromHex(signed)];
    if (wallet === undefined || bodyDigest === undefined || signature === undefined)
        return undefined;
    return { wallet, signedAt: Number(time), bodyDigest, signature };
}
