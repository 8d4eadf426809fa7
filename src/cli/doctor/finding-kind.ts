/** The form of one finding of `countersign doctor`. */

/** fault: the node does not start, does not take part, or is not safe. warning: it works, and something has to be done. */
export type Severity = "fault" | "warning";

export interface FindingKind {
  readonly severity: Severity;
  /** The fault, without the details of a case. */
  readonly meaning: string;
  /** Half a sentence that says why it matters. */
  readonly why: string;
  readonly remedy: string;
  /** A command of the remedy. $CONFIG is the configuration's path, $FILE the path that the case is about. */
  readonly command?: string;
}
