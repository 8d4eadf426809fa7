/**
 * Where an outbox keeps its records: batches of text in the order in which they were added. The seam between the outbox and the
 * platform: a file in Node (outbox-file.ts), IndexedDB in a web page (outbox-database.ts).
 */
export interface OutboxStorage {
  /** The batches that were there when it was opened. One that a crash cut off is left out. */
  readonly batches: readonly string[];
  /**
   * Settles when the batch is durable: a power cut does not undo it. False if it has no room, and nothing was added. Calls do not
   * overlap. A batch has no line breaks.
   */
  add(batch: string): Promise<boolean>;
  /** Puts these batches in place of all others, durably; a crash leaves the old ones or the new. */
  replace(batches: readonly string[]): Promise<void>;
  /** Lets another program open it. */
  close(): Promise<void>;
}
