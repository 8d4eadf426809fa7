/**
 * Describes a failure to connect. A name with several addresses fails once for each of them, and the resulting error
 * has no message of its own.
 */
export declare function connectProblem(error: Error): string;
