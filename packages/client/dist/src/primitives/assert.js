/** Broken invariants: a failed assertion stops the node loudly. Expected outcomes are never asserted. */
/** Thrown when the program contradicts itself. Only the top of a process may catch it. */
export class InvariantViolation extends Error {
    name = "InvariantViolation";
}
/** Stops with `message` unless `condition` holds. Stays on in production. */
export function assert(condition, message) {
    if (!condition)
        throw new InvariantViolation(message);
}
/** Closes a switch over a tagged union: the compiler refuses it while a case is missing. */
export function unreachable(value) {
    throw new InvariantViolation(`unreachable case: ${JSON.stringify(value)}`);
}
