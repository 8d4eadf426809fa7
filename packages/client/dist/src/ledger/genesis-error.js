/** The fault of a genesis file: the field, the problem and the remedy. */
export class GenesisError extends Error {
    name = "GenesisError";
    /** Path of the field, like `validators[2].identityKey`; empty for the file as a whole. */
    field;
    problem;
    remedy;
    constructor(field, problem, remedy) {
        super(`${field === "" ? "the genesis" : field} ${problem}: ${remedy}`);
        this.field = field;
        this.problem = problem;
        this.remedy = remedy;
    }
}
