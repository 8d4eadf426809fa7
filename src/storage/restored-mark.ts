/**
 * A note in a data folder that `countersign restore` made it and `countersign rejoin` has not run since. It tells the operator what
 * comes next; the store's own journal identity is what keeps the node from voting (restored-store.ts).
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { syncDirectory, writeFileDurably } from "./atomic-file.ts";

const NAME = "countersign.restored";
const TEXT = "restored from a backup; next: countersign rejoin\n";

/** `path`: of the data folder. */
export async function markRestored(path: string): Promise<void> {
  await writeFileDurably(join(path, NAME), utf8(TEXT));
}

export function isMarkedRestored(path: string): boolean {
  return existsSync(join(path, NAME));
}

export async function clearRestoredMark(path: string): Promise<void> {
  await rm(join(path, NAME), { force: true });
  await syncDirectory(path);
}
