/** Ends an audit at the first fault: thrown inside, a value outside. */
export class AuditFault extends Error {
  override readonly name = "AuditFault";
  /** Such as "block 12"; the message is a clause that follows it. */
  readonly where: string;

  constructor(where: string, problem: string) {
    super(problem);
    this.where = where;
  }
}

/** For bytes that are no encoding of what should be there. */
export const UNREADABLE = "does not read";
