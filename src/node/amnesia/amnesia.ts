/**
 * The verdict that a node's journal lacks votes or registrations that the node has sent (A3, R29). The node then
 * counts among the f, and stops.
 */
import type { JournalIdentityRecord } from "../../storage/contracts.ts";

/** Ends the node. Only `countersign rejoin` lets it take part again. */
export class Amnesia extends Error {
  override readonly name = "Amnesia";

  /** `found` says what is missing and which peer has it. */
  constructor(found: string) {
    super(
      `${found}; it must not vote, because it could contradict its earlier votes. Was its folder restored from a copy, or does ` +
        "another process run on a copy of it? End every copy, keep one folder, and run countersign rejoin " +
        "--config FILE with its configuration",
    );
  }
}

/** Syncs the verdict. After that, no start of this journal sends anything. */
export async function recordAmnesia(record: JournalIdentityRecord): Promise<void> {
  const identity = await record.load();
  if (identity !== undefined) await record.save({ ...identity, amnesiac: true });
}

/** Throws Amnesia if an earlier start came to the verdict, or if the folder was restored from a backup. */
export function refuseAmnesiac({ amnesiac }: { readonly amnesiac: boolean }): void {
  if (amnesiac)
    throw new Amnesia(
      "an earlier start found, or countersign restore wrote, that the journal lacks votes or starts of this node",
    );
}
