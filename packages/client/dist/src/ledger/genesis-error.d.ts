/** The fault of a genesis file: the field, the problem and the remedy. */
export declare class GenesisError extends Error {
    readonly name = "GenesisError";
    /** Path of the field, like `validators[2].identityKey`; empty for the file as a whole. */
    readonly field: string;
    readonly problem: string;
    readonly remedy: string;
    constructor(field: string, problem: string, remedy: string);
}
