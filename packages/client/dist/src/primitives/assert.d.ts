/** Broken invariants: a failed assertion stops the node loudly. Expected outcomes are never asserted. */
/** Thrown when the program contradicts itself. Only the top of a process may catch it. */
export declare class InvariantViolation extends Error {
    readonly name = "InvariantViolation";
}
/** Stops with `message` unless `condition` holds. Stays on in production. */
export declare function assert(condition: boolean, message: string): asserts condition;
/** Closes a switch over a tagged union: the compiler refuses it while a case is missing. */
export declare function unreachable(value: never): never;
