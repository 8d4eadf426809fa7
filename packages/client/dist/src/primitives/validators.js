/** The validator set and its quorum arithmetic. */
import { assert } from "./assert.js";
import { validatorIndex } from "./numbers.js";
/** f, the largest number of arbitrary faults with n >= 3f + 1. */
export function faultsTolerated(n) {
    assert(Number.isInteger(n) && n >= 2, "a network has at least two validators");
    return Math.floor((n - 1) / 3);
}
/**
 * q = n - f.
 * Two quorums share an honest member: |A ∩ B| >= 2q - n = n - 2f >= f + 1, because n >= 3f + 1.
 * A quorum exists without the faulty: the n - f others are exactly q.
 * No smaller q does both for every n: with q - 1, 2(q - 1) - n = n - 2f - 2, which is f - 1 when n = 3f + 1.
 */
export function quorumOf(n) {
    const quorum = n - faultsTolerated(n);
    assert(2 * quorum - n >= faultsTolerated(n) + 1, "two quorums share an honest member");
    return quorum;
}
/** leader(v) = validators[v mod n] in genesis order (R1). */
export function leaderOf(n, view) {
    return validatorIndex(view % n);
}
