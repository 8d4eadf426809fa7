/**
 * Describes a failure to connect. A name with several addresses fails once for each of them, and the resulting error
 * has no message of its own.
 */
export function connectProblem(error) {
    if (error.message !== "" || !(error instanceof AggregateError))
        return error.message;
    const messages = error.errors.map((one) => (one instanceof Error ? one.message : String(one)));
    return [...new Set(messages)].join("; ");
}
