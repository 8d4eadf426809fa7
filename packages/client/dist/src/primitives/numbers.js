/** Counters of the protocol as distinct types, so that a view is never passed as a height. */
import { assert } from "./assert.js";
function counter(value, name) {
    assert(Number.isSafeInteger(value) && value >= 0, `${name} is not a safe non-negative integer`);
    return value;
}
export function height(value) {
    return counter(value, "height");
}
export function view(value) {
    return counter(value, "view");
}
export function epoch(value) {
    return counter(value, "epoch");
}
export function validatorIndex(value) {
    return counter(value, "validator index");
}
