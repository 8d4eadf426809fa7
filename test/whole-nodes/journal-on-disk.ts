/** The identity of a journal as a disk has it: what has not been synced is not there. */
import { equalBytes } from "../../src/primitives/bytes.ts";
import { Decoder } from "../../src/primitives/encoding.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { unprotect } from "../../src/storage/checksum.ts";
import { singleKey } from "../../src/storage/keys.ts";
import type { Registration } from "../../src/transport/registration.ts";
import type { Disk } from "./disk.ts";

const KEY = singleKey("journalIdentity");

/** True if the disk has the id that a registration names, and has counted its start. */
export function isJournalOn(disk: Disk, { journalId, starts }: Registration): boolean {
  const stored = disk.cells.entries.get(Buffer.from(KEY).toString("latin1"));
  if (stored === undefined) return false;
  const decoder = new Decoder(unprotect(KEY, stored));
  const id = decoder.bytes(LIMITS.journalIdLengthMax);
  return equalBytes(id, journalId) && decoder.safeU64() >= starts;
}
