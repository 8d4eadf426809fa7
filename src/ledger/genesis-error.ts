/** The fault of a genesis file: the field, the problem and the remedy. */

export class GenesisError extends Error {
  override readonly name = "GenesisError";
  /** Path of the field, like `validators[2].identityKey`; empty for the file as a whole. */
  readonly field: string;
  readonly problem: string;
  readonly remedy: string;

  constructor(field: string, problem: string, remedy: string) {
    super(`${field === "" ? "the genesis" : field} ${problem}: ${remedy}`);
    this.field = field;
    this.problem = problem;
    this.remedy = remedy;
  }
}
