/** Ends a verification at its first fault: an exception inside src/node/verify, a value for its caller. */
export class FoundFault extends Error {
  override readonly name = "FoundFault";
  /** The record, such as "block 12"; the message is a clause that follows it. */
  readonly where: string;

  constructor(where: string, problem: string) {
    super(problem);
    this.where = where;
  }
}

/** Gives a fault for bytes that do not decode. */
export const UNREADABLE = "cannot be decoded";
