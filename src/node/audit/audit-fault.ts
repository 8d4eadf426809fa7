/** Ends an audit at its first fault: an exception inside the audit, a value for its caller. */
export class AuditFault extends Error {
  override readonly name = "AuditFault";
  /** The record, such as "block 12"; the message is a clause that follows it. */
  readonly where: string;

  constructor(where: string, problem: string) {
    super(problem);
    this.where = where;
  }
}

/** Gives a fault for bytes that do not decode. */
export const UNREADABLE = "does not read";
